import { describe } from "vitest";
import { describeAnnEngine } from "./ann-engine-suite.ts";

describe("the native engine", () => describeAnnEngine("native"));
describe("the engine hnswlib-node", () => describeAnnEngine("hnswlib-node"));
