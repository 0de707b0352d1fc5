import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import { formatProblems } from "../../src/config/problems.ts";
import { seconds } from "../../src/domain/duration.ts";
import { environmentOf, golden, load, options, problems } from "./loading.ts";

describe("the recorder's documents and variables", () => {
  it("load its TOML as it stands", async () => {
    const loaded = await load(golden("recorder.example.toml"), {}, {}, "recorder.example.toml");
    if (!loaded.ok) throw new Error(formatProblems(loaded.problems));
    const { cameras, storage, recording, http } = loaded.options;
    expect(cameras).toMatchObject([{ id: "camera-1", name: "Front Door", enabled: true, resolution: "2560x1440", fps: 15 }]);
    expect(cameras[0]?.url?.reveal()).toBe("rtsp://viewer:canary-recorder@192.168.1.97:554/cam/realmonitor?channel=1&subtype=0");
    expect(storage).toMatchObject({
      kind: "s3",
      endpoint: "http://seaweedfs-filer.seaweedfs.svc.cluster.local:8333",
      bucket: "camera-recordings",
      region: "us-east-1",
    });
    expect(recording).toMatchObject({ segment: seconds(900), temp_dir: "/tmp/camera-recordings" });
    expect(http.metrics_port).toBe(9090);
    expect(loaded.sources.withoutEffect).toContain("storage.endpoint");
    expect(loaded.sources.origins.get("storage.endpoint")).toEqual({ layer: "document", place: "recorder.example.toml", line: 10 });
    expect(inspect(loaded, { depth: 20, showHidden: true })).not.toContain("canary");
  });

  it("load every variable of the recorder service", async () => {
    const { cameras, storage, recording, http } = await options(undefined, environmentOf(golden("recorder-service.env")));
    expect(cameras.map(({ id, url }) => [id, url?.reveal()])).toEqual([
      ["camera-1", "rtsp://viewer:canary-one@192.168.1.97:554/stream1"],
      ["camera-2", "rtsp://viewer:canary-two@192.168.1.13:554/stream1"],
    ]);
    expect(storage).toMatchObject({ kind: "s3", endpoint: "http://localhost:8333", bucket: "other-recordings", max_concurrent_uploads: 8 });
    expect([storage.access_key_id?.reveal(), storage.secret_access_key?.reveal()]).toEqual(["canary-key-id", "canary-secret-key"]);
    expect([recording.temp_dir, http.metrics_port]).toEqual(["/var/tmp/recordings", 9191]);
  });

  it("load every variable of the recording system", async () => {
    const { cameras, storage, recording } = await options(undefined, environmentOf(golden("recording-system.env")));
    expect(cameras.map(({ id }) => id)).toEqual(["camera-1", "camera-2"]);
    expect([storage.bucket, storage.access_key_id?.reveal(), storage.secret_access_key?.reveal()]).toEqual([
      "camera-recordings",
      "canary-key-id",
      "canary-secret-key",
    ]);
    expect(recording.temp_dir).toBe("/tmp/camera-recordings");
  });

  it("give the recorder's defaults for what its variables leave out", async () => {
    const { storage, recording, http } = await options(undefined, { S3_ENDPOINT: "http://localhost:8333" });
    expect([storage.bucket, storage.max_concurrent_uploads, recording.temp_dir, http.metrics_port]).toEqual([
      "camera-recordings",
      4,
      "/tmp/camera-recordings",
      9090,
    ]);
  });

  it("let the environment say the URL of a camera that the document describes", async () => {
    const environment = { CAMERA_1_URL: "rtsp://viewer:canary-new@192.168.1.98/stream1" };
    const { cameras } = await options(golden("recorder.example.toml"), environment, {}, "recorder.example.toml");
    expect(cameras).toHaveLength(1);
    expect(cameras[0]).toMatchObject({ name: "Front Door" });
    expect(cameras[0]?.url?.reveal()).toBe(environment.CAMERA_1_URL);
  });

  it("refuse two names of one option that differ, and take two that agree", async () => {
    expect(await problems(undefined, { S3_ACCESS_KEY: "one", S3_ACCESS_KEY_ID: "two" })).toEqual([
      "environment S3_ACCESS_KEY_ID: storage.access_key_id: says something else than S3_ACCESS_KEY; keep one of the two",
    ]);
    expect((await options(undefined, { S3_ACCESS_KEY: "one", S3_ACCESS_KEY_ID: "one" })).storage.access_key_id?.reveal()).toBe("one");
    expect(await problems("storage:\n  s3_bucket: a\n  bucket: b\n")).toEqual([
      "home.yaml:2: storage.s3_bucket: is an older name of storage.bucket; keep one of the two",
    ]);
  });
});
