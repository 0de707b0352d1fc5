/**
 * The text with every credential in it replaced by `***`: user-info of URLs (`//user:pass@`, also where the password holds `/`, `:` or `@`),
 * `user=`, `password=`, `token=` and their like in queries. For anything that a person, a log or another program may see.
 */
export function maskCredentials(text: string): string {
  return text
    .replaceAll(/(:\/\/)[^\s"'<>]*@(?=[^\s"'<>@]+)/g, "$1***@")
    .replaceAll(
      /([?&;](?:user(?:name)?|login|account|usr|loginuse|passw(?:or)?d|passwd|pwd|pass|loginpas|token|auth|key)=)[^&#\s"'<>;]*/gi,
      "$1***",
    );
}
