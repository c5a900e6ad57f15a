import { describe, expect, it } from "vitest";
import { RefusalError } from "../src/api/http";
import { about, inOrder, MOST_LETTERS, Outbox, withDigests, type Letter, type Store } from "../src/phone/outbox";

function memory(): Store & { letters: Map<string, Letter> } {
  const letters = new Map<string, Letter>();
  return {
    letters,
    all: async () => [...letters.values()],
    put: async (letter) => void letters.set(letter.key, letter),
    remove: async (key) => void letters.delete(key),
  };
}

const ME = () => "crew-1";
const noNetwork = async () => {
  throw new TypeError("Failed to fetch");
};

describe("the outbox", () => {
  it("sends at once when there is a network, and keeps nothing", async () => {
    const store = memory();
    const sent: string[] = [];
    const outbox = new Outbox(store, ME, async (letter) => void sent.push(letter.path));
    expect(await outbox.give("/cases", { text: "x" })).toEqual({ state: "sent" });
    expect(sent).toEqual(["/cases"]);
    expect(store.letters.size).toBe(0);
  });

  it("keeps what cannot be sent and sends it later in order, with the same key", async () => {
    const store = memory();
    let network = false;
    const sent: Letter[] = [];
    const outbox = new Outbox(store, ME, async (letter) => {
      if (!network) return noNetwork();
      sent.push(letter);
    });
    expect((await outbox.give("/tasks/T1/acknowledge", {})).state).toBe("kept");
    const [kept] = [...store.letters.keys()];
    expect((await outbox.give("/tasks/T1/complete", {})).state).toBe("kept");
    network = true;
    await outbox.flush();
    expect(sent.map((letter) => letter.path)).toEqual(["/tasks/T1/acknowledge", "/tasks/T1/complete"]);
    expect(sent[0]!.key).toBe(kept);
    expect(store.letters.size).toBe(0);
  });

  it("keeps the order of writing when the phone's clock is set back in between", async () => {
    const store = memory();
    const outbox = new Outbox(store, ME, noNetwork);
    await outbox.give("/tasks/T1/acknowledge", {}, null, "", { at: 2000 });
    await outbox.give("/tasks/T1/arrive", {}, null, "", { at: 1000 });
    expect(inOrder([...store.letters.values()]).map((letter) => letter.path)).toEqual([
      "/tasks/T1/acknowledge",
      "/tasks/T1/arrive",
    ]);
  });

  it("keeps what is refused for a person to see, and goes on with what is about other things", async () => {
    const store = memory();
    const sent: string[] = [];
    let network = false;
    const outbox = new Outbox(store, ME, async (letter) => {
      if (!network) return noNetwork();
      if (letter.path === "/tasks/T1/arrive") throw new RefusalError("it is done", 409, "look", "state");
      sent.push(letter.path);
    });
    for (const path of ["/tasks/T1/arrive", "/tasks/T2/arrive", "/tasks/T1/complete"]) await outbox.give(path, {});
    network = true;
    await outbox.flush();
    expect(sent).toEqual(["/tasks/T2/arrive"]);
    const held = inOrder([...store.letters.values()]);
    expect(held.map((letter) => [letter.path, letter.refused?.status ?? null])).toEqual([
      ["/tasks/T1/arrive", 409],
      ["/tasks/T1/complete", null],
    ]);
  });

  it("sends a refused letter and those behind it once a person tries again", async () => {
    const store = memory();
    const sent: string[] = [];
    let refuse = true;
    const outbox = new Outbox(store, ME, async (letter) => {
      if (refuse) throw new RefusalError("not yet", 409, "", "state");
      sent.push(letter.path);
    });
    await outbox.give("/tasks/T1/arrive", {});
    await outbox.give("/tasks/T1/complete", {});
    refuse = false;
    await outbox.retry(inOrder([...store.letters.values()])[0]!.key);
    expect(sent).toEqual(["/tasks/T1/arrive", "/tasks/T1/complete"]);
    expect(store.letters.size).toBe(0);
  });

  it.each([
    ["a service in trouble", new RefusalError("503", 503, "", "")],
    ["a service that is asked too often", new RefusalError("429", 429, "", "")],
    ["a session that has ended", new RefusalError("not signed in", 401, "", "session")],
    ["a session of somebody else", new RefusalError("another account", 409, "", "X-Anlan-Account")],
  ])("keeps a letter that meets %s, without calling it refused", async (_, error) => {
    const store = memory();
    const outbox = new Outbox(store, ME, async () => {
      throw error;
    });
    expect((await outbox.give("/cases", {})).state).toBe("kept");
    expect([...store.letters.values()].map((letter) => letter.refused)).toEqual([null]);
  });

  it("sends a letter as who wrote it or not at all", async () => {
    const store = memory();
    let who = "resident-1";
    let network = false;
    const sent: string[] = [];
    const outbox = new Outbox(store, () => who, async (letter) => {
      if (!network) return noNetwork();
      sent.push(`${letter.owner} ${letter.path}`);
    });
    await outbox.give("/cases", {});
    who = "resident-2";
    network = true;
    await outbox.give("/depth-reports", {});
    expect(sent).toEqual(["resident-2 /depth-reports"]);
    who = "resident-1";
    await outbox.flush();
    expect(sent).toEqual(["resident-2 /depth-reports", "resident-1 /cases"]);
  });

  it("asks a person about a letter that is older than accounts, and sends it as who takes it", async () => {
    const store = memory();
    const sent: (string | undefined)[] = [];
    await store.put({ key: "old", path: "/cases", body: {}, photo: null, at: 1 });
    const outbox = new Outbox(store, ME, async (letter) => void sent.push(letter.owner));
    await outbox.flush();
    expect(sent).toEqual([]);
    expect(store.letters.get("old")?.refused?.field).toBe("owner");
    await outbox.retry("old", "crew-1");
    expect(sent).toEqual(["crew-1"]);
  });

  it("says that it is full, and loses neither the old nor the new", async () => {
    const store = memory();
    const outbox = new Outbox(store, ME, noNetwork);
    for (let i = 0; i < MOST_LETTERS; i++) {
      await store.put({ key: `k${i}`, owner: "crew-1", path: "/cases", body: {}, photo: null, at: i, order: i });
    }
    expect(await outbox.give("/cases", {})).toEqual({ state: "full" });
    expect(store.letters.size).toBe(MOST_LETTERS);
  });

  it("puts digests where the names of photos stand, however deep, and nowhere else", () => {
    const body = { text: "photo-1", form: { before: ["photo-1", "photo-2"], each: { east: ["photo-2"] }, n: 2, none: null } };
    expect(withDigests(body, { "photo-1": "d1", "photo-2": "d2", "": "d0" })).toEqual({
      text: "d1", form: { before: ["d1", "d2"], each: { east: ["d2"] }, n: 2, none: null },
    });
    expect(withDigests({ text: "" }, { "": "d0" })).toEqual({ text: "" });
  });

  it("takes letters about one task together, and each report by itself", () => {
    const letter = (path: string, key: string): Letter => ({ key, path, body: {}, photo: null, at: 0 });
    expect(about(letter("/tasks/T1/arrive", "a"))).toBe(about(letter("/tasks/T1/complete", "b")));
    expect(about(letter("/cases", "a"))).not.toBe(about(letter("/cases", "b")));
  });
});
