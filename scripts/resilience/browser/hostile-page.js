// Runs in the browser, in a page that web-server.ts serves: the ways in which a page can make a browser send a request.
// Each gives what the page could read of the answer, if anything.

/** Requests with a body that a page may send without asking first (a preflight). */
const writes = {
  "fetch without CORS": ({ url, body }) => fetch(url, { method: "POST", mode: "no-cors", body }),
  "fetch without a referrer": ({ url, body }) =>
    fetch(url, { method: "POST", mode: "no-cors", referrerPolicy: "no-referrer", body }),
  "fetch by a redirect": ({ url, body }) =>
    fetch(`/redirect?to=${encodeURIComponent(url)}`, { method: "POST", mode: "no-cors", body }),
  "fetch of a worker": ({ url, body }) => sendFromWorker(url, { method: "POST", mode: "no-cors", body }),
  XMLHttpRequest: ({ url, body }) => sendXhr("POST", url, body),
  beacon: ({ url, body }) => navigator.sendBeacon(url, body),
  "form in a frame": ({ url, body }) => sendForm(url, body, `frame-${frames.length}`),
  "form in a tab": ({ url, body }) => sendForm(url, body, "_blank"),
  upload: ({ url, body }) => fetch(url, { method: "POST", mode: "no-cors", body: formOf(body) }),
  "sandboxed frame": ({ url, body }) =>
    openFrame({ sandbox: "allow-scripts", srcdoc: scriptOf(url, { method: "POST", mode: "no-cors", body }) }),
};

/** Requests that a browser sends for a page because the page names the place. */
const reads = {
  fetch: ({ url }) => readText(url),
  "fetch without CORS": ({ url }) => readText(url, { mode: "no-cors" }),
  XMLHttpRequest: ({ url }) => sendXhr("GET", url),
  image: ({ url }) => loadElement("img", { src: url }),
  script: ({ url }) => loadElement("script", { src: url }),
  "style sheet": ({ url }) => loadElement("link", { rel: "stylesheet", href: url }),
  frame: async ({ url }) => textOf(await openFrame({ src: url })),
  "sandboxed frame": ({ url }) => openFrame({ sandbox: "allow-scripts", srcdoc: scriptOf(url) }),
  EventSource: ({ url }) => untilEnded(new EventSource(url)),
  WebSocket: ({ url }) => untilEnded(new WebSocket(url.replace("http:", "ws:"))),
};

/** Requests about which a browser asks first. */
const preflighted = {
  PUT: ({ url, body }) => fetch(url, { method: "PUT", body }),
  DELETE: ({ url }) => fetch(url, { method: "DELETE" }),
  "POST of JSON": ({ url, body }) =>
    fetch(url, { method: "POST", headers: { "content-type": "application/json" }, body }),
};

/** The answer to a request as the page sees it; `body` alone where the browser lets it see no more, null where it sees nothing. */
globalThis.send = async (kind, way, request) => {
  try {
    const seen = await { writes, reads, preflighted }[kind][way](request);
    if (seen instanceof Response) return { status: seen.status, body: await seen.text() };
    return typeof seen === "string" ? { body: seen } : (seen ?? null);
  } catch {
    return null; // what a page is told of an answer that it may not read
  }
};

/** A request of a page that may, with what it reads of the answer. */
globalThis.call = async (url, { read = [], ...init } = {}) => {
  try {
    const answer = await fetch(url, init);
    const headers = Object.fromEntries(read.map((name) => [name, answer.headers.get(name)]));
    return { status: answer.status, body: await answer.text(), headers };
  } catch {
    return null;
  }
};

async function readText(url, init) {
  const answer = await fetch(url, init);
  return { status: answer.status, body: await answer.text() };
}

function sendXhr(method, url, body) {
  return new Promise((answered, failed) => {
    const xhr = new XMLHttpRequest();
    xhr.open(method, url);
    xhr.onload = () => answered({ status: xhr.status, body: xhr.responseText });
    xhr.onerror = failed;
    xhr.send(body);
  });
}

/** As `text/plain`, where a name and its value have an = between them: so JSON with an = in it can be written. */
async function sendForm(url, body, target) {
  const [name, value] = body.split("=");
  const frame = target === "_blank" ? undefined : await openFrame({ name: target });
  const form = element("form", { method: "post", enctype: "text/plain", action: url, target });
  form.append(element("input", { type: "hidden", name, value }));
  document.body.append(form);
  const loaded = frame && new Promise((done) => frame.addEventListener("load", done, { once: true }));
  form.submit();
  await loaded;
  return frame && textOf(frame);
}

function formOf(text) {
  const form = new FormData();
  form.append("file", new Blob([text], { type: "text/csv" }), "planted.csv");
  return form;
}

function sendFromWorker(url, init) {
  const code = `fetch(${JSON.stringify(url)}, ${JSON.stringify(init)}).finally(() => postMessage(0))`;
  const worker = new Worker(URL.createObjectURL(new Blob([code])));
  return new Promise((done) => {
    worker.onmessage = () => done();
  });
}

/** A page's text that sends a request from its own script. */
function scriptOf(url, init = {}) {
  return `<script>fetch(${JSON.stringify(url)}, ${JSON.stringify(init)})</script>`;
}

function openFrame(properties) {
  return loadElement("iframe", properties);
}

function loadElement(kind, properties) {
  const made = element(kind, properties);
  const loaded = new Promise((done) => {
    made.onload = () => done(made);
    made.onerror = () => done(undefined);
  });
  document.body.append(made);
  return loaded;
}

function element(kind, { sandbox, ...properties }) {
  const made = Object.assign(document.createElement(kind), properties);
  if (sandbox !== undefined) made.setAttribute("sandbox", sandbox);
  return made;
}

/** @returns null where the frame is of another origin */
function textOf({ contentDocument }) {
  return contentDocument?.body.textContent ?? null;
}

function untilEnded(source) {
  return new Promise((done) => {
    source.onmessage = ({ data }) => done(data);
    source.onerror = () => {
      source.close();
      done(null);
    };
  });
}
