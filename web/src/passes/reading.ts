/** Reading a QR code from the camera or a photo: by the browser where it can, else by a library. */

import { decodeQR } from "qr/decode.js";

interface Detector {
  detect(source: ImageBitmapSource): Promise<{ rawValue: string }[]>;
}

interface DetectorClass {
  new (options: { formats: string[] }): Detector;
  getSupportedFormats(): Promise<string[]>;
}

/** Photos are looked at no larger than this: enough for a code that fills a third of it. */
const LONGEST_SIDE = 1400;
const LOOK_EVERY = 250;

let asked: Promise<Detector | null> | null = null;

/** The browser's own reader, where it has one for QR codes. */
function own(): Promise<Detector | null> {
  asked ??= (async () => {
    const known = (globalThis as { BarcodeDetector?: DetectorClass }).BarcodeDetector;
    try {
      if (known && (await known.getSupportedFormats()).includes("qr_code")) {
        return new known({ formats: ["qr_code"] });
      }
    } catch {
      // a browser that names the class and has no reader behind it
    }
    return null;
  })();
  return asked;
}

async function read(source: HTMLVideoElement | ImageBitmap, width: number, height: number): Promise<string | null> {
  const detector = await own();
  if (detector) {
    const found = await detector.detect(source).catch(() => []);
    if (found[0]?.rawValue) return found[0].rawValue;
  }
  const scale = Math.min(1, LONGEST_SIDE / Math.max(width, height, 1));
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(width * scale));
  canvas.height = Math.max(1, Math.round(height * scale));
  const context = canvas.getContext("2d", { willReadFrequently: true });
  if (!context) return null;
  context.drawImage(source, 0, 0, canvas.width, canvas.height);
  try {
    return decodeQR(context.getImageData(0, 0, canvas.width, canvas.height));
  } catch {
    // no code in the picture
    return null;
  }
}

/** The code in a photo, or null. */
export async function readPhoto(file: Blob): Promise<string | null> {
  const picture = await createImageBitmap(file).catch(() => null);
  return picture && read(picture, picture.width, picture.height);
}

/** Whether this page may have the camera at all: plain HTTP pages may not. */
export function hasCamera(): boolean {
  return Boolean(globalThis.navigator?.mediaDevices?.getUserMedia);
}

/** Looks through the camera until a code was read; the function that comes back stops it. */
export async function watch(video: HTMLVideoElement, onCode: (text: string) => void): Promise<() => void> {
  const stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" }, audio: false });
  let over = false;
  const stop = () => {
    over = true;
    for (const track of stream.getTracks()) track.stop();
    video.srcObject = null;
  };
  video.srcObject = stream;
  await video.play();
  const look = async () => {
    if (over) return;
    const text = video.videoWidth ? await read(video, video.videoWidth, video.videoHeight) : null;
    if (over) return;
    if (text) {
      stop();
      onCode(text);
    } else {
      setTimeout(() => void look(), LOOK_EVERY);
    }
  };
  void look();
  return stop;
}
