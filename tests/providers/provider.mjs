// A certified OpenID provider on this machine, as tests want it: who signs in is said by the request.
//
// node provider.mjs '{"port": 4000, "clients": [...]}'. Whoever is named in `login_hint`, or else in
// POST /whoever, is signed in without a page; prompts are answered yes.
import { Provider } from "oidc-provider";
import * as jose from "jose";

const said = JSON.parse(process.argv[2]);
const issuer = `http://127.0.0.1:${said.port}`;
const { privateKey } = await jose.generateKeyPair("RS256", { extractable: true });
const jwk = await jose.exportJWK(privateKey);
let whoever = { account: "nobody" };

const provider = new Provider(issuer, {
  clients: said.clients,
  jwks: { keys: [{ ...jwk, use: "sig", alg: "RS256", kid: "first" }] },
  cookies: { keys: ["only for tests"] },
  pkce: { required: () => true },
  claims: { openid: ["sub"], profile: ["preferred_username"], email: ["email", "email_verified"] },
  conformIdTokenClaims: false,
  features: {
    devInteractions: { enabled: false },
    backchannelLogout: { enabled: true },
    rpInitiatedLogout: { enabled: true },
  },
  fetch: (url, options) => fetch(url, options),
  interactions: { url: (_, interaction) => `/interaction/${interaction.uid}` },
  async findAccount(_, sub) {
    return {
      accountId: sub,
      claims: async () => ({ sub, preferred_username: sub, email: whoever.email ?? sub, email_verified: true }),
    };
  },
});

provider.use(async (ctx, next) => {
  if (ctx.path === "/whoever" && ctx.method === "POST") {
    const pieces = [];
    for await (const piece of ctx.req) pieces.push(piece);
    whoever = JSON.parse(Buffer.concat(pieces).toString());
    ctx.status = 204;
    return;
  }
  if (ctx.path.startsWith("/interaction/")) {
    const { prompt, params, session, grantId } = await provider.interactionDetails(ctx.req, ctx.res);
    if (whoever.refuses) {
      const no = { error: "access_denied", error_description: "He said no." };
      return provider.interactionFinished(ctx.req, ctx.res, no, { mergeWithLastSubmission: false });
    }
    if (prompt.name === "login") {
      const yes = { login: { accountId: whoever.account } };
      return provider.interactionFinished(ctx.req, ctx.res, yes, { mergeWithLastSubmission: false });
    }
    const grant = grantId
      ? await provider.Grant.find(grantId)
      : new provider.Grant({ accountId: session.accountId, clientId: params.client_id });
    grant.addOIDCScope("openid profile email");
    const yes = { consent: { grantId: await grant.save() } };
    return provider.interactionFinished(ctx.req, ctx.res, yes, { mergeWithLastSubmission: true });
  }
  await next();
});

provider.listen(said.port, "127.0.0.1", () => console.log("listening"));
