import { chromium, type Page } from "playwright-core";
import type { Core } from "./core.ts";

export interface BrowserOptions {
  readonly width?: number;
  readonly height?: number;
  readonly dark?: boolean;
}

/** A real Chromium with one page. */
export interface Browser extends AsyncDisposable {
  readonly page: Page;
  /** What the page complained of on its console. */
  readonly complaints: readonly string[];
}

/** Opens a browser that is logged in to that Core as its owner. */
export async function openBrowser(core: Pick<Core, "url" | "token">, options: BrowserOptions = {}): Promise<Browser> {
  await using undo = new AsyncDisposableStack();
  // It runs as root in namespaces of its own, where its sandbox cannot be made.
  const quiet = [
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-gpu",
    "--no-sandbox",
  ];
  const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: quiet });
  undo.defer(() => browser.close());
  const context = await browser.newContext({
    viewport: { width: options.width ?? 1280, height: options.height ?? 900 },
    colorScheme: options.dark === true ? "dark" : "light",
    locale: "en",
    timezoneId: "Europe/Berlin",
    reducedMotion: "reduce",
  });
  await context.addInitScript(
    ([url, token]) => {
      const tokens = {
        access_token: token,
        token_type: "Bearer",
        expires_in: 1e9,
        hassUrl: url,
        clientId: `${url}/`,
        expires: 4e12,
        refresh_token: "",
      };
      localStorage.setItem("hassTokens", JSON.stringify(tokens));
      localStorage.setItem("dockedSidebar", '"docked"');
    },
    [core.url, core.token],
  );
  context.setDefaultTimeout(15_000);
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on("console", (message) => {
    if (message.type() === "error" && complaints.length < 100) complaints.push(message.text());
  });
  const owned = undo.move();
  return { page, complaints, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}
