/** Draws icon.png and logo.png, which Home Assistant's app store shows, from the shapes below: `node script/icons.ts [FOLDER]`, else into the repository. */

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { crc32, deflateSync } from "node:zlib";

type Point = readonly [x: number, y: number];
/** Red, green, blue, alpha, each 0 to 1. */
type Colour = readonly [number, number, number, number];
/** Distance of a point from a shape; negative inside. */
type Shape = (point: Point) => number;
type Layer = readonly [shape: Shape, colour: (point: Point) => Colour];

const INK: Colour = [0.07, 0.2, 0.24, 1];
const WHITE: Colour = [1, 1, 1, 1];
const GLINT: Colour = [1, 0.76, 0.28, 1];
/** The logo's words stand on light and on dark pages. */
const WORDS: Colour = [0.13, 0.55, 0.53, 1];

const plain = (colour: Colour) => (): Colour => colour;
const length = (x: number, y: number): number => Math.hypot(x, y);

function disc([cx, cy]: Point, radius: number): Shape {
  return ([x, y]) => length(x - cx, y - cy) - radius;
}

function stroke([ax, ay]: Point, [bx, by]: Point, width: number): Shape {
  const [dx, dy] = [bx - ax, by - ay];
  return ([x, y]) => {
    const along = Math.min(1, Math.max(0, ((x - ax) * dx + (y - ay) * dy) / (dx * dx + dy * dy || 1)));
    return length(x - ax - dx * along, y - ay - dy * along) - width / 2;
  };
}

/** An arc with round ends, from one angle counter-clockwise to another; degrees, 0 to the right, y upwards. */
function arc([cx, cy]: Point, radius: number, from: number, to: number, width: number): Shape {
  const end = (degrees: number): Point => [
    cx + radius * Math.cos((degrees * Math.PI) / 180),
    cy - radius * Math.sin((degrees * Math.PI) / 180),
  ];
  const ends = [disc(end(from), width / 2), disc(end(to), width / 2)];
  return (point) => {
    const [x, y] = [point[0] - cx, cy - point[1]];
    const turned = ((Math.atan2(y, x) * 180) / Math.PI - from + 720) % 360;
    if (turned <= to - from) return Math.abs(length(x, y) - radius) - width / 2;
    return Math.min(...ends.map((shape) => shape(point)));
  };
}

function roundedSquare(size: number, margin: number, corner: number): Shape {
  const half = size / 2 - margin - corner;
  return ([x, y]) => {
    const [dx, dy] = [Math.abs(x - size / 2) - half, Math.abs(y - size / 2) - half];
    return length(Math.max(dx, 0), Math.max(dy, 0)) + Math.min(Math.max(dx, dy), 0) - corner;
  };
}

function together(shapes: readonly Shape[]): Shape {
  return (point) => Math.min(...shapes.map((shape) => shape(point)));
}

/** A shepherd's crook around a lens, in a square of 128. */
const icon: readonly Layer[] = [
  [roundedSquare(128, 4, 28), ([, y]) => [0.1 + 0.06 * (y / 128), 0.58 - 0.16 * (y / 128), 0.55 - 0.1 * (y / 128), 1]],
  [together([arc([58, 50], 31, -10, 205, 9), stroke([88.6, 54], [80, 112], 9)]), plain(WHITE)],
  [disc([58, 52], 18), plain(WHITE)],
  [disc([58, 52], 13.5), plain(INK)],
  [disc([53, 47], 4), plain(GLINT)],
];

/** Letters as strokes of a pen of this width, 1 is the height of an x. */
const PEN = 0.2;
type Letter = { readonly width: number; readonly shapes: (at: Point, unit: number) => readonly Shape[] };

function letter(
  width: number,
  lines: readonly (readonly [Point, Point])[],
  arcs: readonly (readonly [Point, number, number, number])[],
): Letter {
  return {
    width,
    shapes: ([x, y], unit) => {
      const placed = ([px, py]: Point): Point => [x + px * unit, y - py * unit];
      return [
        ...lines.map(([from, to]) => stroke(placed(from), placed(to), PEN * unit)),
        ...arcs.map(([centre, radius, from, to]) => arc(placed(centre), radius * unit, from, to, PEN * unit)),
      ];
    },
  };
}

const bowl = [[0.5, 0.5], 0.5, 0, 360] as const;
const LETTERS: Readonly<Record<string, Letter>> = {
  a: letter(
    1,
    [
      [
        [1, 0],
        [1, 1],
      ],
    ],
    [bowl],
  ),
  d: letter(
    1,
    [
      [
        [1, 0],
        [1, 1.55],
      ],
    ],
    [bowl],
  ),
  p: letter(
    1,
    [
      [
        [0, -0.5],
        [0, 1],
      ],
    ],
    [bowl],
  ),
  e: letter(
    1,
    [
      [
        [0.02, 0.5],
        [0.98, 0.5],
      ],
    ],
    [[[0.5, 0.5], 0.5, 0, 312]],
  ),
  r: letter(
    0.6,
    [
      [
        [0, 0],
        [0, 1],
      ],
    ],
    [[[0.45, 0.55], 0.45, 65, 180]],
  ),
  h: letter(
    0.9,
    [
      [
        [0, 0],
        [0, 1.55],
      ],
      [
        [0.9, 0],
        [0.9, 0.55],
      ],
    ],
    [[[0.45, 0.55], 0.45, 0, 180]],
  ),
  m: letter(
    1.5,
    [
      [
        [0, 0],
        [0, 1],
      ],
      [
        [0.75, 0],
        [0.75, 0.62],
      ],
      [
        [1.5, 0],
        [1.5, 0.62],
      ],
    ],
    [
      [[0.375, 0.625], 0.375, 0, 180],
      [[1.125, 0.625], 0.375, 0, 180],
    ],
  ),
  C: letter(1.25, [], [[[0.75, 0.75], 0.75, 48, 312]]),
  S: letter(
    0.95,
    [],
    [
      [[0.47, 1.11], 0.39, 35, 270],
      [[0.47, 0.36], 0.36, -145, 90],
    ],
  ),
};

function word(text: string, [left, base]: Point, unit: number): Shape {
  const shapes: Shape[] = [];
  let x = left;
  for (const sign of text) {
    const drawn = LETTERS[sign];
    if (drawn === undefined) throw new Error(`no letter ${sign}`);
    shapes.push(...drawn.shapes([x, base], unit));
    x += (drawn.width + 0.42) * unit;
  }
  return together(shapes);
}

function shrunk(layers: readonly Layer[], scale: number, [dx, dy]: Point): readonly Layer[] {
  const within = ([x, y]: Point): Point => [(x - dx) / scale, (y - dy) / scale];
  return layers.map(([shape, colour]) => [(point) => shape(within(point)) * scale, (point) => colour(within(point))]);
}

const logo: readonly Layer[] = [
  ...shrunk(icon, 0.7, [4, 5]),
  [together([word("Camera", [104, 45], 13.4), word("Shepherd", [104, 78], 13.4)]), plain(WORDS)],
];

/** The layers painted one over the other, edges smoothed over one pixel; 8 bits a channel, straight alpha. */
function painted(layers: readonly Layer[], width: number, height: number): Buffer {
  const rows = Buffer.alloc(height * (1 + width * 4));
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      let [red, green, blue, alpha] = [0, 0, 0, 0];
      for (const [shape, colour] of layers) {
        const point: Point = [x + 0.5, y + 0.5];
        const cover = Math.min(1, Math.max(0, 0.5 - shape(point)));
        if (cover === 0) continue;
        const [r, g, b, a] = colour(point);
        const over = a * cover;
        const sum = over + alpha * (1 - over);
        const mixed = (above: number, below: number): number => (above * over + below * alpha * (1 - over)) / sum;
        [red, green, blue, alpha] = [mixed(r, red), mixed(g, green), mixed(b, blue), sum];
      }
      const at = y * (1 + width * 4) + 1 + x * 4;
      for (const [index, value] of [red, green, blue, alpha].entries()) rows[at + index] = Math.round(value * 255);
    }
  }
  return rows;
}

/** A PNG of 8-bit RGBA (w3.org/TR/png-3, section 11). */
function png(layers: readonly Layer[], width: number, height: number): Buffer {
  const chunk = (type: string, data: Buffer): Buffer => {
    const body = Buffer.concat([Buffer.from(type, "latin1"), data]);
    const framed = Buffer.alloc(body.length + 8);
    framed.writeUInt32BE(data.length, 0);
    body.copy(framed, 4);
    framed.writeUInt32BE(crc32(body), body.length + 4);
    return framed;
  };
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 6, 0, 0, 0], 8);
  const signature = Buffer.from([137, 80, 78, 71, 13, 10, 26, 10]);
  const pixels = deflateSync(painted(layers, width, height), { level: 9 });
  return Buffer.concat([signature, chunk("IHDR", header), chunk("IDAT", pixels), chunk("IEND", Buffer.alloc(0))]);
}

const folder = process.argv[2] ?? join(import.meta.dirname, "..");
writeFileSync(join(folder, "icon.png"), png(icon, 128, 128));
writeFileSync(join(folder, "logo.png"), png(logo, 250, 100));
