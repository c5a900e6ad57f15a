/** Frames of one run and layer: fetched when needed, a few ahead, the oldest let go. */

import { bytes } from "../api/http";

/** Bytes kept per layer; a frame of a 200 m grid has about 20 kB, of a 10 m grid 8 MB. */
const BUDGET = 96 * 1024 * 1024;
const AHEAD = 6;

export class Frames {
  private readonly held = new Map<number, Uint8Array>();
  private readonly coming = new Map<number, Promise<void>>();
  private size = 0;

  constructor(
    private readonly path: string,
    private readonly count: number,
    private readonly arrived: () => void,
  ) {}

  /** The frame if it is here; otherwise it is sent for, with those that follow. */
  frame(index: number): Uint8Array | undefined {
    for (let i = index; i <= Math.min(index + AHEAD, this.count - 1); i++) this.fetch(i);
    return this.held.get(index);
  }

  private fetch(index: number): void {
    if (this.held.has(index) || this.coming.has(index)) return;
    const job = bytes(`${this.path}/${index}.u8`)
      .then((frame) => {
        this.held.set(index, frame);
        this.size += frame.length;
        this.letGo();
        this.arrived();
      })
      .catch(() => undefined) // asked for again when it is next needed
      .finally(() => this.coming.delete(index));
    this.coming.set(index, job);
  }

  private letGo(): void {
    for (const [index, frame] of this.held) {
      if (this.size <= BUDGET || this.held.size <= AHEAD + 2) return;
      this.held.delete(index);
      this.size -= frame.length;
    }
  }
}
