/** The way in: an API key, kept in this tab only. */

import type { Me } from "./answers";
import { Client, Problem } from "./client";
import { button, fill, h } from "./h";
import { language, say, setLanguage } from "./words";

const STORED = "parkrisk.key";

export interface Session {
  client: Client;
  me: Me;
}

/** Forget the key and what was shown, and go back to the login. */
export function leave(): void {
  sessionStorage.clear();
  location.reload();
}

/** The session of a key kept from before, or of the one typed in. */
export async function logIn(): Promise<Session> {
  const kept = sessionStorage.getItem(STORED);
  if (kept !== null) {
    try {
      return await sessionOf(kept);
    } catch (error) {
      if (error instanceof Problem && error.status === 401) sessionStorage.removeItem(STORED);
    }
  }
  return new Promise((resolve) => ask(resolve));
}

async function sessionOf(key: string): Promise<Session> {
  const client = new Client(key);
  const me = await client.get<Me>("/v1/me");
  sessionStorage.setItem(STORED, key);
  return { client, me };
}

function ask(resolve: (session: Session) => void): void {
  const field = h("input", { type: "password", id: "key", name: "key", autocomplete: "off", required: true, spellcheck: "false", "aria-describedby": "key-help" });
  const wrong = h("p", { role: "alert", class: "wrong" });
  const enter = async (event: Event) => {
    event.preventDefault();
    try {
      resolve(await sessionOf(field.value.trim()));
    } catch (error) {
      const refused = error instanceof Problem && error.status === 401;
      fill(wrong, refused ? say("key_refused") : error instanceof Error ? error.message : say("error"));
      field.focus();
    }
  };
  const other = () => (setLanguage(language() === "zh" ? "en" : "zh"), ask(resolve));
  fill(
    document.body,
    h(
      "main",
      { class: "login" },
      h(
        "form",
        { onsubmit: ((event: Event) => void enter(event)) as EventListener },
        h("h1", {}, h("img", { src: "/mark.svg", alt: "", width: 32, height: 32 }), say("title")),
        h("label", { for: "key" }, say("key")),
        field,
        h("p", { id: "key-help", class: "note" }, say("key_help")),
        wrong,
        h("div", { class: "row" }, h("button", { type: "submit", class: "main" }, say("log_in")), button(say("other_language"), other)),
      ),
    ),
  );
  document.title = say("title");
  field.focus();
}
