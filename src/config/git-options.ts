import { z } from "zod";
import { now, oneOf } from "./option-marks.ts";
import { secret, secretUrl, span, text, url } from "./scalars.ts";

const RepositoryUrl = text.refine(
  (value) => /^(?:https?|ssh|file):\/\/[^\s]+$/.test(value) || /^[\w.-]+@[\w.-]+:[^\s]+$/.test(value),
  "must be an address that begins with https:// or ssh://, or has the form git@server:owner/repository.git; file:///folder.git for a repository on this machine",
);

/** `frigate[].git`: a document that stands in a Git repository. */
export const GitOptions = z
  .strictObject({
    url: now(
      "Repository that holds the configuration: `https://…` with `token`, or `ssh://git@…` with `ssh_key`.",
      RepositoryUrl.refine(
        (value) => !/^https?:\/\/[^/\s]*@/.test(value),
        "must hold no user name or password: write them under username and token",
      ),
    ),
    branch: now(
      "Branch that is committed to.",
      text.refine((value) => /^[\w][\w./-]*$/.test(value) && !value.includes(".."), "must be the name of a branch").prefault("main"),
    ),
    path: now(
      "Path of the document in the repository: Frigate's own, or a ConfigMap, HelmRelease or values file that holds it.",
      text.refine(
        (value) => !/^\/|(?:^|\/)\.\.?(?:\/|$)|\/$/.test(value),
        "must be the path of a file from the repository's root, without .. in it",
      ),
    ),
    key: now("Which text in that file is Frigate's, where several look like it: a key such as `config.yml`.", text.optional()),
    username: now("User that goes with `token`, where the server wants a certain one.", text.optional()),
    token: now("Token for HTTPS, and for pull requests by the server's API.", secret.optional()),
    ssh_key: now("Path of a private key for SSH.", text.optional()),
    known_hosts: now(
      "Path of a file with the server's own SSH keys, as `ssh-keyscan` prints them; needed with `ssh_key`.",
      text.optional(),
    ),
    signing_key: now("Path of a private SSH key that commits are signed with.", text.optional()),
    pull_request: now(
      "How a commit that the branch does not take becomes a pull request: `github` and `forgejo` (Gitea too) by their API with `token`, `gitlab` by push options, `agit` by a push to `refs/for/BRANCH`; `auto` tells by the server's name; `never`: it is only said.",
      oneOf("auto", "github", "forgejo", "gitlab", "agit", "never").prefault("auto"),
    ),
    api_url: now(
      "Address of the server's API, where it is not in its usual place, such as `https://git.example.org/api/v1`.",
      url("http", "https").optional(),
    ),
    receiver: z
      .strictObject({
        url: now(
          "Address of a Receiver of Flux, of the type `generic-hmac`: its `status.webhookPath` behind the host.",
          secretUrl("http", "https"),
        ),
        token: now("Token of its secret.", secret),
      })
      .optional(),
    author: now("Name that stands at commits.", text.prefault("Camera Shepherd")),
    author_email: now("Address that stands at commits.", text.prefault("camera-shepherd@localhost")),
    gather: now("How long moves are gathered into one commit, and looked at once more.", span("0s", "10m").prefault("5s")),
    reread: now("How often the branch is looked at.", span("5s", "1h").prefault("30s")),
  })
  .optional();
