/**
 * What a sentence says of a command, said of the page instead: where the program is an app of Home Assistant's a person has no command line, and the
 * page *Camera Shepherd* has a button for each of these. What has no button stays as it is.
 */
export function pageWords(text: string): string {
  return text
    .replaceAll(/camera-shepherd undo [\w.-]+ takes it back/g, "Undo on the page Camera Shepherd takes it back")
    .replaceAll(/camera-shepherd approve [\w-]+ writes it/g, "Approve on the page Camera Shepherd writes it")
    .replaceAll(/approve it with camera-shepherd approve\b/g, "press Approve on the page Camera Shepherd")
    .replaceAll(/, with camera-shepherd approve\b/g, ", on the page Camera Shepherd")
    .replaceAll(/(?:run|after) camera-shepherd resync\b/g, (words) =>
      words.startsWith("run")
        ? "press Look at everything again on the page Camera Shepherd"
        : "after Look at everything again on the page Camera Shepherd",
    )
    .replaceAll(/camera-shepherd adopt ([^\s=]+)=([\w:.]+)/g, "This is the camera on the page Camera Shepherd, for $1 with $2")
    .replaceAll(/that camera-shepherd check lists/g, "that the page Camera Shepherd shows");
}
