#!/usr/bin/env bash
# Chat: who answers for a model, what it cost, streams, refusals, through the gateway. The models are a stand-in on either wire, unless
# OLLAMA_URL names a real Ollama (with OLLAMA_CHAT_MODEL, qwen3:0.6b unless told) for the first checks.
source "$(dirname "$0")/tools/smoke-lib.sh"

# A stand-in for Ollama and for an API like OpenAI's. Of a model that it has not it says so, and repeats the credential.
stand_in() {
  free_port
  stand_in_url=http://127.0.0.1:$free_port
  PORT=$free_port "$root/node_modules/.bin/node" -e '
    require("http").createServer((request, response) => {
      let text = "";
      request.on("data", (data) => (text += data)).on("end", () => {
        const { model, stream } = JSON.parse(text || "{}");
        const json = (status, body) => response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
        if (model === "missing" || model === "nobody/missing") return json(404, { error: `model "${model}" not found for ${request.headers.authorization}` });
        const content = `I am ${model}.`;
        const counts = { done: true, done_reason: "stop", prompt_eval_count: 11, eval_count: 4 };
        if (request.url === "/api/chat" && stream) {
          const lines = [{ message: { content: "I am " } }, { message: { content: `${model}.` } }, { message: { content: "" }, ...counts }];
          return response.end(lines.map((line) => JSON.stringify(line) + "\n").join(""));
        }
        if (request.url === "/api/chat") return json(200, { message: { role: "assistant", content }, ...counts });
        const usage = { prompt_tokens: 11, completion_tokens: 4, total_tokens: 15 };
        json(200, { id: "1", object: "chat.completion", choices: [{ index: 0, message: { role: "assistant", content }, finish_reason: "stop" }], usage });
      });
    }).listen(process.env.PORT, "127.0.0.1");' >"$smoke_dir/stand-in.log" 2>&1 &
  pid_of[stand-in]=$!
  wait_until "the stand-in answers" curl -s -o /dev/null "$stand_in_url" || exit 1
}

message='"messages":[{"role":"user","content":"Who are you? My PIN is 4711."}]'
chat() { http -d "{\"model\":\"$1\",$message${2:+,$2}}" "$gateway_url/v1/chat"; } # chat MODEL [MORE]

stand_in
export LAKEHOUSE_CHATD_OLLAMA_URL=${OLLAMA_URL:-$stand_in_url} LAKEHOUSE_CHATD_OPENROUTER_URL=$stand_in_url/v1
model=${OLLAMA_URL:+${OLLAMA_CHAT_MODEL:-qwen3:0.6b}}
model=${model:-qwen3:8b}
install -m 600 /dev/null "$smoke_dir/openrouter.env"
echo 'export OPENROUTER_API_KEY="sk-or-hush"' >"$smoke_dir/openrouter.env"
for provider in ollama_cloud openrouter opencode kimi; do
  export "LAKEHOUSE_CHATD_${provider^^}_KEY_FILE=$smoke_dir/$provider.env"
done
unset OLLAMA_API_KEY OPENROUTER_API_KEY OPENCODE_API_KEY KIMI_API_KEY
start chatd gateway

http "$gateway_url/v1/chat/providers"
check_equal "providers are those with a key, and the local Ollama" '{"providers":["ollama","openrouter"],"default":"ollama"}' "$body"

chat "$model"
check_equal "a bare model goes to ollama" "200 ollama $model" "$status $(json '"\(.provider) \(.model)"')"
check_equal "with content, counts and latency" true \
  "$(json '(.content | length > 0) and .input_tokens > 0 and .output_tokens > 0 and .latency_ms > 0 and (.finish_reason | length > 0)')"

chat "ollama/$model"
check_equal "an explicit prefix is taken off" "200 ollama $model" "$status $(json '"\(.provider) \(.model)"')"
chat openrouter/vendor/model
check_equal "once, and decides" "200 openrouter vendor/model I am vendor/model." "$status $(json '"\(.provider) \(.model) \(.content)"')"

for name in qwen3-coder:cloud gpt-oss:20b-Cloud ollama_cloud/m cloud_judge kimi/m; do
  check_answer "$name without its provider is for nobody else" 404 provider_not_registered -d "{\"model\":\"$name\",$message}" "$gateway_url/v1/chat"
done

chat nobody/missing
check_equal "an unknown prefix is the default's, whose answer is passed on" "502 upstream_error ollama 404" \
  "$status $(json '"\(.code) \(.details.provider) \(.details.status)"')"
check "in its words" grep -q 'nobody/missing.* not found' <<<"$body"

check_answer "a missing model" 400 invalid_request -d "{$message}" "$gateway_url/v1/chat"
check_answer "missing messages" 400 invalid_request -d '{"model":"m"}' "$gateway_url/v1/chat"

chat "$model" '"stream":true'
check_equal "a stream ends with [DONE]" "200 data: [DONE]" "$status $(grep . <<<"$body" | tail -n 1)"
events() { grep '^data: {' <<<"$body" | sed 's/^data: //' | jq -rs "$1"; }
check "it has words" test -n "$(events 'map(.delta // "") | join("")')"
check_equal "then the counts" "ollama $model true" "$(events 'last | "\(.provider) \(.model) \(.output_tokens > 0)"')"
chat kimi/m '"stream":true'
check_equal "one that can't begin has a status" 404 "$status"

http -d "{\"model\":\"local_hot\",\"messages\":[]}" "$gateway_url/v1/chat/completions"
check_equal "OpenAI's route refuses in OpenAI's shape" "400 invalid_request_error" "$status $(json .error.type)"
http -d "{\"model\":\"openrouter/m\",$message}" "$gateway_url/v1/chat/completions"
check_equal "and answers in it" "200 openrouter/m I am m. 15" "$status $(json '"\(.model) \(.choices[0].message.content) \(.usage.total_tokens)"')"
http "$gateway_url/v1/chat/models"
check_equal "tiers are shown resolved" "ollama_cloud gpt-oss:20b false" "$(json '.tiers.cloud_judge | "\(.provider) \(.model) \(.registered)"')"

chat openrouter/missing
check_equal "a provider that repeats its key does not make us tell it" "502 0" "$status $(grep -c sk-or-hush <<<"$body")"
check "nor is it, or a prompt, in any log" bash -c "! grep -qE 'sk-or-hush|4711' '$smoke_dir'/{chatd,gateway}.log"
http "$chatd_url/metrics"
check "tokens are counted by provider and model" grep -q '^chatd_tokens_total{provider="openrouter",model="m",direction="output".*} 4' <<<"$body"

stop chatd
check_equal "it stops at a signal" 0 "$exit_code"
chmod 644 "$smoke_dir/openrouter.env"
"$root/node_modules/.bin/node" "$root/services/chatd/src/main.ts" -config "$smoke_config" >"$smoke_dir/refused" 2>&1
check_equal "a key that others can read keeps it from starting" 1 $?
check "and it says which" grep -q 'openrouter.env has mode 0644' "$smoke_dir/refused"
free_port
export LAKEHOUSE_CHATD_OLLAMA_URL=http://127.0.0.1:$free_port LAKEHOUSE_CHATD_OPENROUTER_KEY_FILE=$smoke_dir/none.env
start chatd
check_answer "without an Ollama" 502 upstream_unavailable -d "{\"model\":\"m\",$message}" "$gateway_url/v1/chat"
http "$chatd_url/ready"
check_equal "it is ready all the same: one may come" "200 ok" "$status $(json .status)"
