/** A document as something is remembered of it. */
export interface DocumentRef {
  /** What it is called now: that follows from what other documents there are. */
  readonly name: string;
  /** A path, or a URL without credentials: stays when the name changes. Absent in what was remembered by the first releases. */
  readonly place?: string;
}

/** A record of a document. */
export interface OfDocument {
  /** What the document was called then. */
  readonly target: string;
  readonly place?: string;
}

/**
 * The document that a record is of: the one at its place, whatever that is called now; where none is there, the one of its name, which may have been reached
 * in another way then. Undefined where there is neither: it is gone, or away.
 */
export function documentOf<T extends DocumentRef>(record: OfDocument, documents: readonly T[]): T | undefined {
  return (
    documents.find(({ place }) => place !== undefined && place === record.place) ?? documents.find(({ name }) => name === record.target)
  );
}
