import { expect, it } from "vitest";
import { DeviceRegistry } from "../../../src/adapters/home-assistant/device-registry.ts";
import { failureOf } from "../../fakes/failure-of.ts";
import { homeAssistant, linkTo } from "./scene.ts";

const { signal } = new AbortController();

it("the devices that Home Assistant knows are given by their MAC addresses, whatever keys they lack", async () => {
  const { core, link } = await homeAssistant();
  core.devices = [
    {
      id: "1",
      connections: [["mac", "0C:79:55:4B:D4:2A"]],
      name: "Router's guess",
      manufacturer: "Hangzhou",
      model: null,
      name_by_user: null,
    },
    {
      id: "2",
      connections: [
        ["mac", "0c:79:55:4b:d4:2a"],
        ["upnp", "uuid:1"],
      ],
      name: "IPC",
      name_by_user: " Front door ",
      model: "C1",
    },
    { id: "3", parent_device_id: "2", name: "a child" },
    { id: "4", connections: "none", name: 7 },
    { id: "5", connections: [["zigbee", "0c:79:55:4b:d4:2b"], ["mac", 7], null, ["mac", "no"]] },
    { id: "6", connections: [["mac", "0c:79:55:4b:d4:2c"]], name: "n".repeat(500) },
    null,
    "?",
  ];
  expect([...(await new DeviceRegistry(link).list(signal))]).toEqual([
    ["0c:79:55:4b:d4:2a", { name: "Front door", manufacturer: "Hangzhou", model: "C1" }],
    ["0c:79:55:4b:d4:2c", { name: "n".repeat(100) }],
  ]);
  core.devices = { not: "a list" } as never;
  expect([...(await new DeviceRegistry(link).list(signal))]).toEqual([]);
  expect(await failureOf(new DeviceRegistry(linkTo("http://127.0.0.1:1", "x")).list(signal))).toMatchObject({ kind: "unreachable" });
});
