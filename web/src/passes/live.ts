/** Live video between a firm's phone and an inspector's page; the desk only introduces them. */

import { get, post } from "../api/http";

const ASK_EVERY = 1500;
const GATHER_MS = 2500;

/** The description with the addresses that were found in time: one message each way is enough. */
async function gathered(peer: RTCPeerConnection): Promise<string> {
  if (peer.iceGatheringState !== "complete") {
    await new Promise<void>((resolve) => {
      const done = () => peer.iceGatheringState === "complete" && resolve();
      peer.addEventListener("icegatheringstatechange", done);
      setTimeout(resolve, GATHER_MS);
    });
  }
  return peer.localDescription?.sdp ?? "";
}

function connection(servers: string[]): RTCPeerConnection {
  return new RTCPeerConnection(servers.length ? { iceServers: servers.map((urls) => ({ urls })) } : {});
}

export interface Call {
  stream: MediaStream;
  end(): void;
}

/** The phone's side: shows the camera to `onOwn`, and waits until an inspector takes it up. */
export async function offer(check: string, onState: (state: RTCPeerConnectionState) => void): Promise<Call> {
  const stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" }, audio: true });
  const { ice_servers } = await get<{ ice_servers: string[] }>(`/me/firm/live?case=${encodeURIComponent(check)}`);
  const peer = connection(ice_servers);
  let over = false;
  const end = () => {
    if (over) return;
    over = true;
    for (const track of stream.getTracks()) track.stop();
    peer.close();
    void post("/me/firm/live", { case: check, description: "" }).catch(() => undefined);
  };
  try {
    for (const track of stream.getTracks()) peer.addTrack(track, stream);
    peer.addEventListener("connectionstatechange", () => onState(peer.connectionState));
    await peer.setLocalDescription(await peer.createOffer());
    await post("/me/firm/live", { case: check, description: await gathered(peer) });
  } catch (error) {
    end();
    throw error;
  }
  const ask = async () => {
    if (over || peer.signalingState === "stable") return;
    try {
      const { answer } = await get<{ answer: string }>(`/me/firm/live?case=${encodeURIComponent(check)}`);
      if (answer && !over) await peer.setRemoteDescription({ type: "answer", sdp: answer });
    } catch {
      // a gap in the network: asked again below
    }
    setTimeout(() => void ask(), ASK_EVERY);
  };
  void ask();
  return { stream, end };
}

/** The inspector's side: takes up what the firm offers; null when nothing is offered. */
export async function takeUp(check: string, onStream: (stream: MediaStream) => void): Promise<(() => void) | null> {
  const { offer: sdp, ice_servers } = await get<{ offer: string; ice_servers: string[] }>(`/checks/${check}/live`);
  if (!sdp) return null;
  const peer = connection(ice_servers);
  peer.addEventListener("track", (event) => event.streams[0] && onStream(event.streams[0]));
  await peer.setRemoteDescription({ type: "offer", sdp });
  await peer.setLocalDescription(await peer.createAnswer());
  await post(`/checks/${check}/live`, { description: await gathered(peer) });
  return () => peer.close();
}

/** The picture that a video shows now. */
export async function frame(video: HTMLVideoElement): Promise<Blob | null> {
  const canvas = document.createElement("canvas");
  canvas.width = video.videoWidth;
  canvas.height = video.videoHeight;
  if (!canvas.width) return null;
  canvas.getContext("2d")?.drawImage(video, 0, 0);
  return new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", 0.85));
}
