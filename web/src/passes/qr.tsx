/** A QR code drawn as one path: black on white whatever the page's colours. */

import { encodeQR } from "qr";

export function QrCode({ text, label }: { text: string; label: string }) {
  const dots = encodeQR(text, "raw", { ecc: "medium", border: 4 });
  const path = dots
    .flatMap((row, y) => row.map((dark, x) => (dark ? `M${x} ${y}h1v1h-1z` : "")))
    .join("");
  return (
    <svg class="qr" viewBox={`0 0 ${dots.length} ${dots.length}`} role="img" aria-label={label} shape-rendering="crispEdges" data-testid="qr">
      <rect width="100%" height="100%" fill="#fff" />
      <path d={path} fill="#000" />
    </svg>
  );
}
