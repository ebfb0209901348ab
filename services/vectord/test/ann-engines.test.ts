import { describe } from "vitest";
import { engineNames } from "../src/shard/engines.ts";
import { describeAnnEngine } from "./ann-engine-suite.ts";

describe.each(engineNames)("the engine %s", (name) => describeAnnEngine(name));
