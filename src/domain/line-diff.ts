/** One step from a text to another. `before` and `after` are the line's index there, or the index that it would have. */
export interface LineEdit {
  readonly kind: "same" | "removed" | "added";
  readonly before: number;
  readonly after: number;
}

/** More differences than this are shown as one replaced block: the search takes time and memory by their square. */
const MOST_DIFFERENCES = 400;

/**
 * A shortest list of steps from some lines to others (E. Myers, "An O(ND) Difference Algorithm and Its Variations", 1986), removals before additions.
 * Past 400 differences the middle is replaced as a whole.
 */
export function editScript(before: readonly string[], after: readonly string[]): readonly LineEdit[] {
  let head = 0;
  while (head < before.length && head < after.length && before[head] === after[head]) head += 1;
  let tail = 0;
  const most = Math.min(before.length, after.length) - head;
  while (tail < most && before[before.length - 1 - tail] === after[after.length - 1 - tail]) tail += 1;
  const middle = script(before.slice(head, before.length - tail), after.slice(head, after.length - tail));
  return [
    ...Array.from({ length: head }, (_, index): LineEdit => ({ kind: "same", before: index, after: index })),
    ...removalsFirst(middle).map((edit): LineEdit => ({ ...edit, before: edit.before + head, after: edit.after + head })),
    ...Array.from({ length: tail }, (_, index): LineEdit => ({
      kind: "same",
      before: before.length - tail + index,
      after: after.length - tail + index,
    })),
  ];
}

function script(before: readonly string[], after: readonly string[]): readonly LineEdit[] {
  const trace: ReadonlyMap<number, number>[] = [];
  let reach: Map<number, number> = new Map([[1, 0]]);
  for (let differences = 0; differences <= Math.min(MOST_DIFFERENCES, before.length + after.length); differences += 1) {
    trace.push(new Map(reach));
    for (let diagonal = -differences; diagonal <= differences; diagonal += 2) {
      let x = goesDown(reach, diagonal, differences) ? (reach.get(diagonal + 1) ?? 0) : (reach.get(diagonal - 1) ?? 0) + 1;
      while (x < before.length && x - diagonal < after.length && before[x] === after[x - diagonal]) x += 1;
      reach.set(diagonal, x);
      if (x >= before.length && x - diagonal >= after.length) return backtrack(trace, before.length, after.length);
    }
    reach = new Map(reach);
  }
  return [
    ...before.map((_, index): LineEdit => ({ kind: "removed", before: index, after: 0 })),
    ...after.map((_, index): LineEdit => ({ kind: "added", before: before.length, after: index })),
  ];
}

function goesDown(reach: ReadonlyMap<number, number>, diagonal: number, differences: number): boolean {
  return diagonal === -differences || (diagonal !== differences && (reach.get(diagonal - 1) ?? 0) < (reach.get(diagonal + 1) ?? 0));
}

function backtrack(trace: readonly ReadonlyMap<number, number>[], endX: number, endY: number): readonly LineEdit[] {
  const edits: LineEdit[] = [];
  let x = endX;
  let y = endY;
  for (let differences = trace.length - 1; differences >= 0; differences -= 1) {
    const reach = trace[differences] ?? new Map<number, number>();
    const down = goesDown(reach, x - y, differences);
    const fromX = differences === 0 ? 0 : (reach.get(x - y + (down ? 1 : -1)) ?? 0);
    const fromY = differences === 0 ? 0 : fromX - (x - y + (down ? 1 : -1));
    while (x > fromX && y > fromY) {
      x -= 1;
      y -= 1;
      edits.push({ kind: "same", before: x, after: y });
    }
    if (differences > 0) edits.push({ kind: down ? "added" : "removed", before: fromX, after: fromY });
    x = fromX;
    y = fromY;
  }
  return edits.toReversed();
}

/** Within each run of changes the removals first, as people are used to. */
function removalsFirst(edits: readonly LineEdit[]): readonly LineEdit[] {
  const ordered: LineEdit[] = [];
  let run: LineEdit[] = [];
  const flush = () => {
    const [first] = run;
    const removed = run.filter((edit) => edit.kind === "removed");
    const added = run.filter((edit) => edit.kind === "added");
    ordered.push(...removed.map((edit) => ({ ...edit, after: first?.after ?? edit.after })));
    ordered.push(...added.map((edit) => ({ ...edit, before: (first?.before ?? edit.before) + removed.length })));
    run = [];
  };
  for (const edit of edits) {
    if (edit.kind !== "same") run.push(edit);
    else {
      flush();
      ordered.push(edit);
    }
  }
  flush();
  return ordered;
}
