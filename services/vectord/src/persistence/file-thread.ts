import { workerData } from "node:worker_threads";
import { type ClientOptions, StorageClient } from "@lakehouse/clients";
import { serveCalls } from "../threads/serve-calls.ts";
import { FileCalls } from "./file-calls.ts";

serveCalls(new FileCalls(new StorageClient(workerData as ClientOptions)));
