import { serveReolink, serveTplink } from "./vendor-responders.ts";

// `vendor-program.ts reolink|tplink NUMBER`: a device of that maker as it answers to discovery, until it is ended.
const [, , maker, number = ""] = process.argv;
await (maker === "reolink" ? serveReolink(number) : serveTplink(number));
