// The API reference: Swagger UI, and signing in to try operations as a person of a portal.
"use strict";

const base = new URL(".", document.baseURI);
const form = document.getElementById("sign-in");
const signedIn = document.getElementById("signed-in");
const word = document.getElementById("word");
const KEPT = "skranke-session";

let ui = null;
let session = null;

async function post(path, body) {
  const answer = await fetch(new URL(path, base), {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });
  return { ok: answer.ok, body: await answer.json().catch(() => ({})) };
}

function say(text, refused = false) {
  word.textContent = text;
  word.classList.toggle("refused", refused);
}

// The session lives as long as the tab; a reload takes it up again.
function hold(answer, who) {
  session = {
    who,
    access: answer.access_token,
    refresh: answer.refresh_token,
    until: Date.now() + answer.expires_in * 1000,
  };
  sessionStorage.setItem(KEPT, JSON.stringify(session));
  ui.preauthorizeApiKey("bearer", session.access);
  document.getElementById("who").textContent = who;
  form.hidden = true;
  signedIn.hidden = false;
}

function letGo(text, refused = false) {
  session = null;
  sessionStorage.removeItem(KEPT);
  ui.authActions.logout(["bearer"]);
  form.hidden = false;
  signedIn.hidden = true;
  say(text, refused);
}

function takeUp() {
  const kept = JSON.parse(sessionStorage.getItem(KEPT) ?? "null");
  if (kept && !session) {
    hold({ access_token: kept.access, refresh_token: kept.refresh, expires_in: (kept.until - Date.now()) / 1000 }, kept.who);
    say("Still signed in; “Try it out” acts as this person.");
  }
}

let refreshing = null;

async function refresh() {
  const { ok, body } = await post("v1/sessions/refresh", { refresh_token: session.refresh });
  if (ok) {
    hold(body, session.who);
  } else {
    letGo(body.title ?? "The session has ended. Sign in again.", true);
  }
}

async function withFreshToken(request) {
  const ours = new URL(request.url, base).origin === base.origin;
  if (session && ours && !request.loadSpec) {
    if (session.until - Date.now() < 30000) {
      refreshing ??= refresh().finally(() => { refreshing = null; });
      await refreshing;
    }
    const sent = request.headers.Authorization;
    if (session && sent) {
      request.headers.Authorization = `Bearer ${session.access}`;
    }
  }
  return request;
}

const STATES = {
  second_factor_required: "This person signs in with a second factor, which this page cannot ask for. Use POST /v1/sessions/{challenge}/factor.",
  password_change_required: "Signed in. The password must be changed first: POST /v1/me/password.",
  signed_in: "Signed in; “Try it out” acts as this person.",
};

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const { portal, email, password } = Object.fromEntries(new FormData(form));
  say("Signing in …");
  try {
    const path = `v1/portals/${encodeURIComponent(portal)}/sessions`;
    const { ok, body } = await post(path, { email, password, delivery: "tokens" });
    if (!ok) {
      say([body.title, body.detail].filter(Boolean).join(". ") || "Signing in failed.", true);
    } else if (!body.access_token) {
      say(STATES[body.state] ?? body.state, true);
    } else {
      form.elements.password.value = "";
      hold(body, `${body.person?.name ?? email} (${portal})`);
      say(STATES[body.state] ?? "");
    }
  } catch (error) {
    say(`The service did not answer: ${error.message}`, true);
  }
});

document.getElementById("sign-out").addEventListener("click", async () => {
  const headers = { Authorization: `Bearer ${session.access}` };
  await fetch(new URL("v1/sessions/current", base), { method: "DELETE", headers }).catch(() => {});
  letGo("Signed out.");
});

form.elements.portal.value = new URLSearchParams(location.search).get("portal") ?? "";

ui = SwaggerUIBundle({
  url: new URL("openapi.json", base).href,
  dom_id: "#reference",
  deepLinking: true,
  displayRequestDuration: true,
  docExpansion: "list",
  filter: true,
  tryItOutEnabled: true,
  validatorUrl: null,
  requestInterceptor: withFreshToken,
  onComplete: takeUp,
});
