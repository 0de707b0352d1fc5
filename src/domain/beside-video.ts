const BESIDE_VIDEO = /^(?:clock|pin|power|told)\/|\/clock$/;

/** Whether a condition of this subject is a trouble of a camera that may deliver video all the same. */
export function isBesideVideo(subject: string): boolean {
  return BESIDE_VIDEO.test(subject);
}
