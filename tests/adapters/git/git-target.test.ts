import { chmod, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { frigateDocument } from "../../../src/adapters/frigate/document.ts";
import { GitTarget } from "../../../src/adapters/git/git-target.ts";
import { Git, type GitAccess } from "../../../src/adapters/git/git.ts";
import { createProcesses } from "../../../src/adapters/system/processes.ts";
import { createSystemClock } from "../../../src/adapters/system/clock.ts";
import { seconds } from "../../../src/domain/duration.ts";
import type { ChangeNote, TargetError, TargetName } from "../../../src/ports/config-target.ts";
import { configTargetContract } from "../../contract/config-target.ts";
import { git, makeRepository, removeRepositories, type Repository } from "./repository.ts";

const PATH = "apps/frigate/config.yml";
const never = () => new AbortController().signal;
const MOVED: ChangeNote = {
  kind: "heal",
  moves: [{ camera: "front", from: "192.168.1.20", to: "192.168.1.77", macs: ["00:11:22:33:44:55"], evidence: 12 }],
};

let copies = 0;

function targetOf(
  repository: Repository,
  more: { readonly branch?: string; readonly path?: string; readonly access?: GitAccess; readonly url?: string } = {},
) {
  copies += 1;
  const { branch = "main", path = PATH, access = {}, url = repository.url } = more;
  return new GitTarget({
    name: "frigate" as TargetName,
    url,
    shownUrl: "https://git.example.org/home",
    branch,
    path,
    format: frigateDocument({ environment: new Map() }),
    git: new Git({
      processes: createProcesses(),
      folder: join(repository.folder, `copy-${String(copies)}`),
      access,
      author: { name: "Camera Shepherd", email: "camera-shepherd@localhost" },
    }),
    clock: createSystemClock(),
    random: () => 0.5,
    pace: { reread: seconds(30), gather: seconds(5) },
    pullRequests: "set git.pull_request",
  });
}

function refusal(reason: TargetError["reason"], words = "") {
  return { name: "TargetError", reason, message: expect.stringContaining(words) as string };
}

afterEach(removeRepositories);

configTargetContract("a document in Git", async (text) => {
  const repository = await makeRepository(PATH, text);
  return {
    target: targetOf(repository),
    bytes: () => repository.bytes(PATH),
    edit: (bytes) => repository.commit(PATH, bytes),
    remove: () => repository.commit(PATH, undefined),
  };
});

describe("a commit", () => {
  test("stands on top of the branch, changes one file, and says which camera moved and what proved it", async () => {
    const repository = await makeRepository(PATH, "a: 1\n");
    const target = targetOf(repository);
    const { revision } = await target.read(never());
    const before = (await repository.git("rev-parse", "main")).trim();
    await target.write("a: 2\n", revision, never(), MOVED);
    expect((await repository.git("log", "--format=%P%n%an <%ae>%n%B", "-1", "main")).trim()).toBe(
      [
        before,
        "Camera Shepherd <camera-shepherd@localhost>",
        "fix(cameras): front 192.168.1.20 -> 192.168.1.77",
        "",
        "Camera-Moved: front from 192.168.1.20 to 192.168.1.77 (00:11:22:33:44:55, evidence 12)",
      ].join("\n"),
    );
    expect(await repository.git("log", "--format=%(trailers:key=Camera-Moved,valueonly)", "-1", "main")).toContain(
      "front from 192.168.1.20",
    );
    expect(await repository.git("diff", "--name-status", before, "main")).toBe(`M\t${PATH}\n`);
    expect(await repository.git("fsck", "--strict")).not.toContain("error");
  });

  test("that puts an earlier text back names the camera and the addresses as well", async () => {
    const repository = await makeRepository(PATH, "a: 1\n");
    const target = targetOf(repository);
    const { revision } = await target.read(never());
    const moves = [{ camera: "front", from: "192.168.1.77", to: "192.168.1.20", macs: ["00:11:22:33:44:55"] }];
    await target.write("a: 2\n", revision, never(), { kind: "undo", moves });
    expect((await repository.git("log", "--format=%B", "-1", "main")).trim()).toBe(
      "revert(cameras): front 192.168.1.77 -> 192.168.1.20\n\nCamera-Put-Back: front from 192.168.1.77 to 192.168.1.20 (00:11:22:33:44:55)",
    );
  });

  test("keeps what somebody else pushed meanwhile to other files, and the file's mode", async () => {
    const repository = await makeRepository(PATH, "a: 1\n");
    const target = targetOf(repository);
    const { revision } = await target.read(never());
    await repository.commit("README.md", "# another home\n");
    expect((await target.write("a: 2\n", revision, never(), MOVED)).kind).toBe("written");
    expect(Buffer.from(await repository.bytes("README.md")).toString()).toBe("# another home\n");
    expect(await repository.git("ls-tree", "main", "--", PATH)).toMatch(/^100644 /);
    expect((await repository.git("rev-list", "--count", "main")).trim()).toBe("3");
  });

  test("is made anew where another commit came between the look and the push", async () => {
    const repository = await makeRepository(PATH, "a: 1\n");
    const targets = [1, 2, 3].map(() => targetOf(repository));
    const texts = await Promise.all(targets.map((target) => target.read(never())));
    // Every push but the last is overtaken: the three write at once, each its own text.
    const outcomes = await Promise.all(
      targets.map((target, index) => target.write(`a: ${String(index + 2)}\n`, texts[index]?.revision ?? ("" as never), never(), MOVED)),
    );
    expect(outcomes.map(({ kind }) => kind).toSorted()).toEqual(["stale", "stale", "written"]);
    expect((await repository.git("rev-list", "--count", "--merges", "main")).trim()).toBe("0");
    expect((await repository.git("rev-list", "--count", "main")).trim()).toBe("2");
  });

  test("is not made where the text is there already", async () => {
    const repository = await makeRepository(PATH, "a: 1\n");
    const target = targetOf(repository);
    const { revision } = await target.read(never());
    expect(await target.write("a: 1\n", revision, never(), MOVED)).toEqual({ kind: "written", revision });
    expect((await repository.git("rev-list", "--count", "main")).trim()).toBe("1");
  });
});

describe("what is fetched", () => {
  test("is little, however long the history", { timeout: 120_000 }, async () => {
    const repository = await makeRepository(PATH, "a: 1\n");
    const blob = "blob\nmark :1\ndata 60000\n" + "x".repeat(60_000) + "\n";
    const commits = Array.from({ length: 400 }, (_, index) => {
      const at = `${String(1_700_000_000 + index)} +0000`;
      return `commit refs/heads/main\ncommitter A person <person@example.org> ${at}\ndata 4\nchor\n${index === 0 ? "from refs/heads/main^0\n" : ""}M 100644 inline big/${String(index)}.txt\ndata 3000\n${String(index).padStart(3000, "y")}\n`;
    });
    const { execFileSync } = await import("node:child_process");
    execFileSync("git", ["fast-import", "--quiet"], { cwd: join(repository.folder, "home.git"), input: blob + commits.join("") });
    const target = targetOf(repository);
    const { text, revision } = await target.read(never());
    expect(text).toBe("a: 1\n");
    await target.write("a: 2\n", revision, never(), MOVED);
    const size = await git(join(repository.folder, `copy-${String(copies)}`, "repository.git"), "count-objects", "-v");
    const sizes = [...size.matchAll(/^size(?:-pack)?: (\d+)$/gm)].map(([, kilobytes]) => Number(kilobytes));
    expect(sizes.reduce((sum, kilobytes) => sum + kilobytes, 0)).toBeLessThan(200);
    expect((await repository.git("rev-list", "--count", "main")).trim()).toBe("402");
  });
});

describe("what can be wrong", () => {
  test("the branch is not there", async () => {
    const repository = await makeRepository(PATH, "a: 1\n");
    await expect(targetOf(repository, { branch: "production" }).read(never())).rejects.toMatchObject(
      refusal("GitBranchMissing", "production"),
    );
  });

  test("the branch is deleted while the program runs", async () => {
    const repository = await makeRepository(PATH, "a: 1\n");
    const target = targetOf(repository);
    const { revision } = await target.read(never());
    await repository.git("update-ref", "-d", "refs/heads/main");
    await expect(target.write("a: 2\n", revision, never())).rejects.toMatchObject(refusal("GitBranchMissing", "git.branch"));
  });

  test("the path is a folder, or a link", async () => {
    const repository = await makeRepository(PATH, "a: 1\n");
    await expect(targetOf(repository, { path: "apps/frigate" }).read(never())).rejects.toMatchObject(
      refusal("DocumentUnreadable", "a folder"),
    );
    const clone = join(repository.folder, "person");
    await git(clone, "fetch", "--quiet");
    const { symlink } = await import("node:fs/promises");
    await symlink(PATH, join(clone, "link.yml"));
    await git(clone, "add", "--all");
    await git(clone, "commit", "--quiet", "--message", "chore: link");
    await git(clone, "push", "--quiet", "origin", "main");
    await expect(targetOf(repository, { path: "link.yml" }).read(never())).rejects.toMatchObject(
      refusal("DocumentUnreadable", "a symbolic link"),
    );
  });

  test("there is no repository", async () => {
    const repository = await makeRepository(PATH, "a: 1\n");
    await expect(targetOf(repository, { url: `file://${repository.folder}/none.git` }).read(never())).rejects.toMatchObject(
      refusal("GitRepositoryMissing"),
    );
  });

  test("the branch takes no direct commits", async () => {
    const repository = await makeRepository(PATH, "a: 1\n");
    const hook = join(repository.folder, "home.git", "hooks", "pre-receive");
    await writeFile(hook, "#!/bin/sh\necho 'GH006: Protected branch update failed for refs/heads/main.' >&2\nexit 1\n");
    await chmod(hook, 0o755);
    const target = targetOf(repository);
    const { revision } = await target.read(never());
    await expect(target.write("a: 2\n", revision, never(), MOVED)).rejects.toMatchObject(refusal("GitProtected"));
    expect(Buffer.from(await repository.bytes(PATH)).toString()).toBe("a: 1\n");
  });

  test("git is not installed", async () => {
    const repository = await makeRepository(PATH, "a: 1\n");
    const none = new Git({
      processes: {
        run: () => createProcesses("/nowhere").run({ file: "git-that-is-not-here", args: [] }, never()),
        follow: () => Promise.reject(new Error("not asked")),
      },
      folder: join(repository.folder, "none"),
      access: {},
      author: { name: "n", email: "e" },
    });
    await expect(none.run(["version"], never())).rejects.toMatchObject(refusal("GitMissing"));
  });
});
