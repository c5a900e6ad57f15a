/** Water on the map: two coded frames as R8 textures, decoded and mixed in the shader.
 *
 * Codes are decoded *before* they are interpolated: a linear filter over codes would draw
 * a wrong edge wherever a dry cell (code 0) meets a wet one.
 */

import { MercatorCoordinate, type CustomLayerInterface, type Map as MapView } from "maplibre-gl";
import type { LonLat, RunDetail } from "../api/contract";
import { DEPTH_RAMP, PROBABILITY_RAMP, rampTexels } from "../depth";

type Code = "depth" | "probability";
const TOP: Record<Code, number> = { depth: 4, probability: 1 };

const VERTEX = `#version 300 es
in vec2 corner;
in vec2 grid;
uniform mat4 matrix;
out vec2 cell;
void main() {
  cell = grid;
  gl_Position = matrix * vec4(corner, 0.0, 1.0);
}`;

const FRAGMENT = `#version 300 es
precision highp float;
precision highp sampler2D;
uniform sampler2D before;
uniform sampler2D after;
uniform sampler2D ramp;
uniform float share;
uniform bool depth;
uniform float top;
in vec2 cell;
out vec4 colour;

float decoded(sampler2D frame, ivec2 at) {
  ivec2 size = textureSize(frame, 0);
  float q = floor(texelFetch(frame, clamp(at, ivec2(0), size - 1), 0).r * 255.0 + 0.5);
  if (depth) return q < 0.5 ? 0.0 : 0.01 + 4.99 * pow((q - 1.0) / 254.0, 2.0);
  return q > 200.5 ? 0.0 : q / 200.0;
}

float smoothed(sampler2D frame) {
  vec2 at = cell * vec2(textureSize(frame, 0)) - 0.5;
  ivec2 low = ivec2(floor(at));
  vec2 f = at - floor(at);
  float south = mix(decoded(frame, low), decoded(frame, low + ivec2(1, 0)), f.x);
  float north = mix(decoded(frame, low + ivec2(0, 1)), decoded(frame, low + ivec2(1, 1)), f.x);
  return mix(south, north, f.y);
}

void main() {
  float value = mix(smoothed(before), smoothed(after), share);
  colour = texture(ramp, vec2(clamp(value / top, 0.0, 1.0), 0.5));
}`;

export class DepthLayer implements CustomLayerInterface {
  readonly id = "water";
  readonly type = "custom" as const;
  readonly renderingMode = "2d" as const;
  private map: MapView | null = null;
  private gl: WebGL2RenderingContext | null = null;
  private program: WebGLProgram | null = null;
  private vertices: WebGLBuffer | null = null;
  private textures: WebGLTexture[] = [];
  private uploaded: (Uint8Array | null)[] = [null, null];
  private origin = new MercatorCoordinate(0, 0);
  private size: [number, number] = [0, 0];
  private share = 0;
  private code: Code = "depth";
  private rampOf: Code | null = null;
  private wanted: [Uint8Array, Uint8Array] | null = null;
  private corners: LonLat[] | null = null;

  onAdd(map: MapView, context: WebGLRenderingContext | WebGL2RenderingContext): void {
    const gl = context as WebGL2RenderingContext;
    this.map = map;
    this.gl = gl;
    this.program = link(gl);
    this.vertices = gl.createBuffer();
    this.textures = [0, 1, 2].map(() => gl.createTexture()!);
    for (const [unit, texture] of this.textures.entries()) {
      gl.bindTexture(gl.TEXTURE_2D, texture);
      const filter = unit === 2 ? gl.LINEAR : gl.NEAREST;
      gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MIN_FILTER, filter);
      gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MAG_FILTER, filter);
      gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_WRAP_S, gl.CLAMP_TO_EDGE);
      gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_WRAP_T, gl.CLAMP_TO_EDGE);
    }
    this.uploaded = [null, null];
    this.rampOf = null;
    if (this.corners) this.place(this.corners);
  }

  /** Shows a mix of two frames: `share` 0 is `before`, 1 is `after`; null hides the water. */
  show(
    grid: RunDetail["grid"],
    code: Code,
    frames: { before: Uint8Array; after: Uint8Array; share: number } | null,
  ): void {
    this.code = code;
    this.wanted = frames && [frames.before, frames.after];
    this.share = frames?.share ?? 0;
    this.size = [grid.nx, grid.ny];
    if (this.corners !== grid.corners) this.place(grid.corners);
    this.map?.triggerRepaint();
  }

  private place(corners: LonLat[]): void {
    this.corners = corners;
    if (!this.gl) return;
    const [sw, se, ne, nw] = corners.map((at) => MercatorCoordinate.fromLngLat(at));
    this.origin = sw!;
    // row 0 of a frame is north; positions are taken from the corner, for float precision
    const quad = [
      [nw!, 0, 0],
      [ne!, 1, 0],
      [sw!, 0, 1],
      [se!, 1, 1],
    ] as const;
    const data = quad.flatMap(([at, u, v]) => [at.x - sw!.x, at.y - sw!.y, u, v]);
    this.gl.bindBuffer(this.gl.ARRAY_BUFFER, this.vertices);
    this.gl.bufferData(this.gl.ARRAY_BUFFER, new Float32Array(data), this.gl.STATIC_DRAW);
  }

  private upload(unit: 0 | 1, frame: Uint8Array): void {
    const gl = this.gl!;
    gl.activeTexture(gl.TEXTURE0 + unit);
    gl.bindTexture(gl.TEXTURE_2D, this.textures[unit]!);
    if (this.uploaded[unit] === frame) return;
    const [nx, ny] = this.size;
    gl.pixelStorei(gl.UNPACK_ALIGNMENT, 1);
    gl.pixelStorei(gl.UNPACK_FLIP_Y_WEBGL, false);
    gl.pixelStorei(gl.UNPACK_PREMULTIPLY_ALPHA_WEBGL, false);
    gl.texImage2D(gl.TEXTURE_2D, 0, gl.R8, nx, ny, 0, gl.RED, gl.UNSIGNED_BYTE, frame);
    this.uploaded[unit] = frame;
  }

  private uploadRamp(): void {
    const gl = this.gl!;
    gl.activeTexture(gl.TEXTURE2);
    gl.bindTexture(gl.TEXTURE_2D, this.textures[2]!);
    if (this.rampOf === this.code) return;
    const ramp = this.code === "depth" ? DEPTH_RAMP : PROBABILITY_RAMP;
    const texels = rampTexels(ramp, TOP[this.code]);
    gl.pixelStorei(gl.UNPACK_FLIP_Y_WEBGL, false);
    gl.pixelStorei(gl.UNPACK_PREMULTIPLY_ALPHA_WEBGL, false);
    gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA, 256, 1, 0, gl.RGBA, gl.UNSIGNED_BYTE, texels);
    this.rampOf = this.code;
  }

  render(
    _context: WebGLRenderingContext | WebGL2RenderingContext,
    args: { defaultProjectionData: { mainMatrix: ArrayLike<number> } },
  ): void {
    const { gl, program, wanted } = this;
    if (!gl || !program || !wanted) return;
    gl.useProgram(program);
    this.upload(0, wanted[0]);
    this.upload(1, wanted[1]);
    this.uploadRamp();
    const at = (name: string) => gl.getUniformLocation(program, name);
    gl.uniformMatrix4fv(at("matrix"), false, this.fromOrigin(args.defaultProjectionData.mainMatrix));
    gl.uniform1i(at("before"), 0);
    gl.uniform1i(at("after"), 1);
    gl.uniform1i(at("ramp"), 2);
    gl.uniform1f(at("share"), this.share);
    gl.uniform1i(at("depth"), this.code === "depth" ? 1 : 0);
    gl.uniform1f(at("top"), TOP[this.code]);
    gl.bindBuffer(gl.ARRAY_BUFFER, this.vertices);
    for (const [name, offset] of [["corner", 0], ["grid", 8]] as const) {
      const place = gl.getAttribLocation(program, name);
      gl.enableVertexAttribArray(place);
      gl.vertexAttribPointer(place, 2, gl.FLOAT, false, 16, offset);
    }
    gl.enable(gl.BLEND);
    gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA);
    gl.drawArrays(gl.TRIANGLE_STRIP, 0, 4);
  }

  /** The map's matrix times a shift to the grid's corner, multiplied in double precision. */
  private fromOrigin(m: ArrayLike<number>): Float32Array {
    const shifted = Array.from(m);
    for (let row = 0; row < 4; row++) {
      shifted[12 + row] =
        m[row]! * this.origin.x + m[4 + row]! * this.origin.y + m[12 + row]!;
    }
    return new Float32Array(shifted);
  }
}

function link(gl: WebGL2RenderingContext): WebGLProgram {
  const program = gl.createProgram();
  for (const [type, source] of [
    [gl.VERTEX_SHADER, VERTEX],
    [gl.FRAGMENT_SHADER, FRAGMENT],
  ] as const) {
    const shader = gl.createShader(type)!;
    gl.shaderSource(shader, source);
    gl.compileShader(shader);
    gl.attachShader(program, shader);
  }
  gl.linkProgram(program);
  if (!gl.getProgramParameter(program, gl.LINK_STATUS)) {
    throw new Error(gl.getProgramInfoLog(program) ?? "the water shader does not link");
  }
  return program;
}
