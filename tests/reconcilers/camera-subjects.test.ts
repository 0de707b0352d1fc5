import { expect, it } from "vitest";
import { CAMERA_ENTITIES } from "../../src/domain/entities/camera-entities.ts";
import { statesOf } from "../../src/domain/entities/entity.ts";
import { minutes, seconds } from "../../src/domain/duration.ts";
import { createHomeView } from "../../src/reconcilers/home-view.ts";
import { homePage } from "../../src/http/page/home-page.ts";
import { at, FakeHome, FRONT, named } from "./fake-home.ts";

it("a camera whose password was changed says so on the page and in its entities", async () => {
  const home = new FakeHome({ cameras: [FRONT] });
  await home.start();
  home.go2rtc.attach(named("front"));
  await home.pass(seconds(10));
  home.place(FRONT, at(20), { login: "unauthorized" });
  home.deaf(at(20));
  await home.pass(minutes(6));
  const view = createHomeView({
    engine: home.engine,
    registry: home.registry,
    status: home.status,
    servers: home.servers.map(({ name }) => name),
  });
  const [camera] = view.cameras();
  if (camera === undefined) throw new Error("the camera is not shown");
  const page = homePage(view, new Set(), { proof: "p", here: "./" }).text;
  const states = statesOf(CAMERA_ENTITIES, { ...camera, surface: "page" });
  const owner = view.ownerOf("device/front/stream");
  const { connected } = camera;
  home.status.set("device/front/clock", "problem", "ClockOff", "the clock is an hour off");
  const withClock = view.cameras()[0]?.conditions.map(({ subject }) => subject);
  await home.stop();
  expect(page).toContain("refuses the password");
  expect(states).toMatchObject({ cause: "LoginRefused" });
  expect(owner).toBe("front");
  expect(connected).toBe(false);
  expect(withClock).toContain("device/front/clock");
});
