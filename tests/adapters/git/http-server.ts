import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export type TokenRight = "write" | "read";

export interface GitHttpServer extends AsyncDisposable {
  /** Of the repository `name` below the root. */
  url(name: string): string;
  readonly requests: readonly { readonly method: string; readonly url: string }[];
  /** How many bytes were sent to clients. */
  sent(): number;
}

/** Smart HTTP by git's own http-backend(1), behind Basic authentication. The user's name counts for nothing, as at GitHub. */
export async function gitHttpServer(root: string, tokens: Readonly<Record<string, TokenRight>>, port = 0): Promise<GitHttpServer> {
  const requests: { method: string; url: string }[] = [];
  let sent = 0;
  const server = createServer((request, response) => {
    const { method = "", url = "", headers } = request;
    requests.push({ method, url });
    const [, encoded = ""] = /^Basic (\S+)$/.exec(headers.authorization ?? "") ?? [];
    const token = Buffer.from(encoded, "base64").toString().split(":").slice(1).join(":");
    const right = tokens[token];
    if (right === undefined) {
      response.writeHead(401, { "www-authenticate": 'Basic realm="git"' }).end("Authentication required\n");
      return;
    }
    if (right === "read" && url.includes("git-receive-pack")) {
      response.writeHead(403).end("write access to repository not granted\n");
      return;
    }
    backend(root, request, response, (count) => (sent += count));
  });
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  const at = (server.address() as AddressInfo).port;
  return {
    url: (name) => `http://127.0.0.1:${String(at)}/${name}`,
    requests,
    sent: () => sent,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

function backend(root: string, request: IncomingMessage, response: ServerResponse, count: (bytes: number) => void): void {
  const { pathname, search } = new URL(request.url ?? "/", "http://git");
  const { headers } = request;
  const given = (name: string, value: string | string[] | undefined): Readonly<Record<string, string>> =>
    typeof value === "string" ? { [name]: value } : {};
  const child = spawn("git", ["http-backend"], {
    stdio: ["pipe", "pipe", "ignore"],
    env: {
      PATH: process.env["PATH"],
      HOME: root,
      GIT_CONFIG_GLOBAL: "/dev/null",
      GIT_PROJECT_ROOT: root,
      GIT_HTTP_EXPORT_ALL: "1",
      PATH_INFO: pathname,
      QUERY_STRING: search.slice(1),
      REQUEST_METHOD: request.method,
      REMOTE_USER: "somebody",
      REMOTE_ADDR: "127.0.0.1",
      ...given("CONTENT_TYPE", headers["content-type"]),
      ...given("CONTENT_LENGTH", headers["content-length"]),
      ...given("HTTP_CONTENT_ENCODING", headers["content-encoding"]),
      ...given("GIT_PROTOCOL", headers["git-protocol"]),
    },
  });
  child.on("error", () => response.destroy());
  child.stdin.on("error", () => undefined);
  request.pipe(child.stdin);
  let head: Buffer | undefined = Buffer.alloc(0);
  child.stdout.on("data", (part: Buffer) => {
    count(part.length);
    if (head === undefined) {
      response.write(part);
      return;
    }
    head = Buffer.concat([head, part]);
    const end = head.indexOf("\r\n\r\n");
    if (end === -1) return;
    let status = 200;
    for (const line of head.subarray(0, end).toString().split("\r\n")) {
      const colon = line.indexOf(":");
      const [name, value] = [line.slice(0, colon), line.slice(colon + 1).trim()] as const;
      if (name === "Status") status = Number.parseInt(value, 10);
      else response.setHeader(name, value);
    }
    response.writeHead(status);
    response.write(head.subarray(end + 4));
    head = undefined;
  });
  child.stdout.on("end", () => response.end());
}
