import { TextDecoder } from 'node:util';
import { SaxesParser } from 'saxes';
import { createHoldLimit, FormatError, type FormatReader, maxDepth } from './format-reader.ts';

/** What a reader of an XML format is told. Names are without their prefixes. */
export interface XmlTags {
  /** @param depth - 1 for the root. */
  open(name: string, attributes: Readonly<Record<string, string>>, depth: number): void;
  /** @param text - What stands directly before the closing tag, without blanks around it: all of it, for an element without others inside. */
  close(name: string, text: string, depth: number): void;
}

/**
 * Reads XML as it comes. Nothing is fetched, and no entity is known but the five of XML: a document type declaration, by which others could
 * be declared, is refused.
 */
export function createXmlReader(tags: XmlTags): FormatReader {
  const limit = createHoldLimit();
  const parser = new SaxesParser({ xmlns: false, position: false });
  let decoder: TextDecoder | undefined;
  let depth = 0;
  let text = '';
  let told = false;
  let begun = false;
  parser.on('error', ({ message }) => {
    throw new FormatError(`its XML is damaged (${message.slice(0, 200)})`);
  });
  parser.on('doctype', () => {
    throw doctypeRefused();
  });
  parser.on('opentag', ({ name, attributes }) => {
    told = true;
    text = '';
    if (++depth > maxDepth) throw new FormatError(`its elements are nested more than ${maxDepth} deep`);
    tags.open(localName(name), attributes, depth);
  });
  const addText = (part: string): void => {
    text += part;
  };
  parser.on('text', addText);
  parser.on('cdata', addText);
  parser.on('closetag', ({ name }) => {
    told = true;
    tags.close(localName(name), text.trim(), depth--);
    text = '';
  });
  return {
    write(bytes) {
      decoder ??= new TextDecoder(encodingOf(bytes));
      told = false;
      const part = decoder.decode(bytes, { stream: true });
      // Blank lines before the declaration are no XML, but exports have them.
      const rest = begun ? part : part.trimStart();
      begun ||= rest !== '';
      parser.write(rest);
      limit(told, bytes.length);
    },
    end() {
      if (depth > 0) throw new FormatError('it ends in the middle: it was not written or copied whole');
      parser.close();
    },
  };
}

/** The same words wherever it is seen. */
export function doctypeRefused(): FormatError {
  return new FormatError('it has a document type declaration (DOCTYPE), which no track needs and attacks are made of');
}

/** The encoding by byte order mark or declaration; UTF-8 where none is known. */
export function encodingOf(head: Uint8Array): string {
  if (head[0] === 0xff && head[1] === 0xfe) return 'utf-16le';
  if (head[0] === 0xfe && head[1] === 0xff) return 'utf-16be';
  const declared = /^(?:\xef\xbb\xbf)?<\?xml[^>]*encoding\s*=\s*["']([\w.:-]{1,40})["']/.exec(latin1(head.subarray(0, 200)));
  // Bytes that were found to say "UTF-16" in one byte each are not UTF-16.
  if (!declared?.[1] || /^utf-?16/i.test(declared[1])) return 'utf-8';
  try {
    return new TextDecoder(declared[1]).encoding;
  } catch (error) {
    throw new FormatError(`its encoding is not known (${(error as Error).message})`);
  }
}

function latin1(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes);
}

function localName(name: string): string {
  const colon = name.indexOf(':');
  return colon < 0 ? name : name.slice(colon + 1);
}
