import type { FastifyInstance } from "fastify";

/** What a daemon gives to `runService`. */
export interface Service {
  app: FastifyInstance;
  /** Background work; runs once the port is bound. */
  start?(): Promise<void> | void;
  /** Runs when the last request has ended. */
  close?(): Promise<void> | void;
}
