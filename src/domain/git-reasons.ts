/** What may come of a document in a Git repository: a part of `REASONS`. */
export const GIT_REASONS = {
  GitMissing: { title: "The program git is not here", severity: "error", nextStep: "Install git." },
  GitUnreachable: { title: "The Git server does not answer", severity: "warning", nextStep: "Check the network, or correct git.url." },
  GitRefusesLogin: {
    title: "The Git server refuses the token or key",
    severity: "error",
    nextStep: "Correct git.token or git.ssh_key.",
  },
  GitHostKeyUnknown: {
    title: "The Git server's key is not the pinned one",
    severity: "error",
    nextStep: "Compare the server's key with what its owner publishes, and put it into the file that git.known_hosts names.",
  },
  GitReadOnly: {
    title: "The token or key may read the repository and not write to it",
    severity: "error",
    nextStep: "Give it write permission, or set git.pull_request.",
  },
  GitProtected: {
    title: "The branch takes no direct commits",
    severity: "error",
    nextStep: "Set git.pull_request to the kind of server, or allow this program's commits on the branch.",
  },
  GitBranchMissing: { title: "The branch is not there", severity: "error", nextStep: "Correct git.branch, or create it." },
  GitRepositoryMissing: { title: "The repository is not there", severity: "error", nextStep: "Correct git.url." },
  GitRefused: { title: "Git refused", severity: "error", nextStep: "Read what it said; the remedy depends on it." },
  PullRequestOpen: {
    title: "A change waits as a pull request",
    severity: "error",
    nextStep: "Review and merge it.",
  },
  PullRequestRefused: {
    title: "No pull request could be opened",
    severity: "error",
    nextStep: "Give git.token the permission to write pull requests, or correct git.pull_request or git.api_url.",
  },
  PullRequestClosed: {
    title: "A pull request with this change was closed without being merged",
    severity: "error",
    nextStep: "Reopen it, or correct the file by hand.",
  },
  WaitingForPipeline: { title: "The commit is being brought into use", severity: "info", nextStep: "" },
  PipelineLate: {
    title: "The commit has not been brought into use",
    severity: "error",
    nextStep: "Look at what Flux or Argo CD says of it, and let Frigate's pod be restarted with each change of its configuration.",
  },
} as const;
