import { describe, expect, it } from "vitest";
import { RefusalError } from "../src/api/http";
import { Outbox, type Letter, type Store } from "../src/phone/outbox";

function memory(): Store & { letters: Map<string, Letter> } {
  const letters = new Map<string, Letter>();
  return {
    letters,
    all: async () => [...letters.values()],
    put: async (letter) => void letters.set(letter.key, letter),
    remove: async (key) => void letters.delete(key),
  };
}

describe("the outbox", () => {
  it("sends at once when there is a network, and keeps nothing", async () => {
    const store = memory();
    const sent: string[] = [];
    const outbox = new Outbox(store, async (letter) => void sent.push(letter.path));
    expect(await outbox.give("/cases", { text: "x" })).toEqual({ state: "sent" });
    expect(sent).toEqual(["/cases"]);
    expect(store.letters.size).toBe(0);
  });

  it("keeps what cannot be sent and sends it later in order, with the same key", async () => {
    const store = memory();
    let network = false;
    const sent: Letter[] = [];
    const outbox = new Outbox(store, async (letter) => {
      if (!network) throw new TypeError("Failed to fetch");
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

  it("puts aside what is refused and goes on with the next", async () => {
    const store = memory();
    const refusals: string[] = [];
    const outbox = new Outbox(
      store,
      async (letter) => {
        if (letter.path === "/bad") throw new RefusalError("no such task", 404, "", "");
      },
      (error) => refusals.push(error.message),
    );
    expect((await outbox.give("/bad", {})).state).toBe("refused");
    expect((await outbox.give("/good", {})).state).toBe("sent");
    expect(refusals).toEqual(["no such task"]);
  });

  it("keeps a letter while the service is in trouble", async () => {
    const outbox = new Outbox(memory(), async () => {
      throw new RefusalError("503", 503, "", "");
    });
    expect((await outbox.give("/cases", {})).state).toBe("kept");
  });
});
