import { afterAll } from "vitest";
import { endCluster } from "../../kubernetes/one-cluster.ts";
import "./choosing-suite.ts";
import "./config-map-suite.ts";
import "./permissions-suite.ts";
import "./pipelines-suite.ts";
import "./program-suite.ts";
import "./rollouts-suite.ts";
import "./shapes-suite.ts";

afterAll(endCluster);
