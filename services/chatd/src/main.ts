import { collectHeapEarly, runService } from "@lakehouse/server";
import { buildApp } from "./app.ts";
import { openChat } from "./open-chat.ts";

await runService("chatd", async (platform) => {
  collectHeapEarly();
  const { chat, close } = openChat(platform, process.env);
  return { app: buildApp(chat, platform), close };
});
