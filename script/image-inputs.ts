/** Prints a digest of everything that the image is made of, so that a test can tell whether the one that was built is of these sources. */

import { imageInputs } from "../tests/home-assistant/image-inputs.ts";

process.stdout.write(`${imageInputs()}\n`);
