import fc from "fast-check";
import { testSeed } from "./test-seed.ts";

// Vitest runs this before each file of tests.
fc.configureGlobal({ seed: testSeed });
