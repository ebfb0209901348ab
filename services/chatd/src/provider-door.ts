import { LakehouseError } from "@lakehouse/core";
import { CoolDown, type CoolingDown } from "./cool-down.ts";
import { BUSY_RETRY_SECONDS, CALLS_MAX } from "./limits.ts";
import type { ChatProvider } from "./providers/chat-provider.ts";

/** How a call ended: answered; an error of the provider's; or neither, where the client left or asked for what can't be asked. */
export type CallOutcome = "answered" | "given_up" | { error: unknown };

/** Every call to a provider goes through here: so many at once, and none to one that keeps failing. */
export class ProviderDoor {
  readonly provider: ChatProvider;
  readonly #coolDown = new CoolDown();
  #underWay = 0;

  constructor(provider: ChatProvider) {
    this.provider = provider;
  }

  get underWay(): number {
    return this.#underWay;
  }

  get coolingDown(): CoolingDown | undefined {
    return this.#coolDown.state;
  }

  /** To be left once, however the call ends. @throws LakehouseError `provider_busy`; `upstream_unavailable` while it cools down */
  enter(): void {
    const { name } = this.provider;
    const details = { provider: name, upstream: name };
    if (this.#underWay >= CALLS_MAX) {
      throw new LakehouseError("provider_busy", `${CALLS_MAX} calls to ${name} are under way already.`, {
        details,
        retryAfterSeconds: BUSY_RETRY_SECONDS,
      });
    }
    if (!this.#coolDown.admits()) {
      const { failures, retryAfterSeconds } = this.#coolDown.state!;
      const message = `${name} failed ${failures} times in a row and is left alone for a moment.`;
      throw new LakehouseError("upstream_unavailable", message, { details, retryAfterSeconds });
    }
    this.#underWay += 1;
  }

  leave(outcome: CallOutcome): void {
    this.#underWay -= 1;
    if (outcome === "answered") this.#coolDown.succeeded();
    else if (outcome !== "given_up") this.#coolDown.failed(outcome.error);
  }
}
