// What a frontend team writes against the generated types. It must compile; it is never run.
import createClient from "openapi-fetch";
import type { components, paths } from "./api.d.ts";

type Problem = components["schemas"]["Problem"];

const client = createClient<paths>({ baseUrl: "https://support.example" });

export async function signIn(portal: string, email: string, password: string): Promise<string> {
  const { data, error } = await client.POST("/v1/portals/{portal}/sessions", {
    params: { path: { portal } },
    body: { email, password, delivery: "tokens" },
  });
  if (error) {
    const problem: Problem = error;
    throw new Error(`${problem.code}: ${problem.title}`);
  }
  if (data.state !== "signed_in" || !data.access_token) {
    throw new Error(data.state);
  }
  return data.access_token;
}

export async function openAndRename(type: string, subject: string): Promise<string> {
  const opened = await client.POST("/v1/tickets", {
    params: { header: { "Idempotency-Key": crypto.randomUUID() } },
    body: { type, subject, description: "It prints **nothing**." },
  });
  if (opened.error) {
    throw new Error(opened.error.code);
  }
  // The discriminator tells what was opened from what a dry run would open.
  if (opened.data.view === "preview") {
    throw new Error("nothing was opened");
  }
  const ticket = opened.data;
  const tag = opened.response.headers.get("ETag") ?? "*";
  const changed = await client.PATCH("/v1/tickets/{ticket}", {
    params: { path: { ticket: ticket.id }, header: { "If-Match": tag } },
    body: { subject: `${subject}, again` },
  });
  // The discriminator tells the two views apart.
  if (changed.data?.view === "agent") {
    return `agent: ${changed.data.number}`;
  }
  return changed.data?.number ?? "";
}

export async function upload(file: File): Promise<string> {
  const form = new FormData();
  form.append("file", file);
  const kept = await client.POST("/v1/attachments", {
    body: { file: file.name },
    bodySerializer: () => form,
  });
  if (kept.error) {
    throw new Error(kept.error.code);
  }
  return kept.data.id;
}

export async function allOpen(): Promise<string[]> {
  const numbers: string[] = [];
  let cursor: string | undefined;
  do {
    const page: { data?: components["schemas"]["TicketSummaryPage"] } = await client.GET("/v1/tickets", {
      params: { query: { state: "open", sort: "-created_at", ...(cursor ? { cursor } : {}) } },
    });
    numbers.push(...(page.data?.items ?? []).map((ticket) => ticket.number));
    cursor = page.data?.next_cursor ?? undefined;
  } while (cursor);
  return numbers;
}
