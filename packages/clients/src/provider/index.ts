export { Deadline } from "./deadline.ts";
export { ANSWER_BYTES_MAX } from "./limits.ts";
export { linesOf } from "./lines.ts";
export { checkAnswer, parseAnswer } from "./provider-answer.ts";
export type { ProviderCall, ProviderResponse } from "./provider-call.ts";
export { type ProviderErrors, statusOf } from "./provider-errors.ts";
export { ProviderHttp, type ProviderHttpOptions } from "./provider-http.ts";
export type { RetryPolicy } from "./retry-pause.ts";
export { serverSentData } from "./server-sent-data.ts";
