/** Text that is HTML already and is not escaped again. */
export interface Html {
  readonly html: string;
}

type Content = Html | string | number | readonly Content[];

/** A template whose values are escaped, unless they are {@link Html}; arrays are joined. */
export function html(literals: TemplateStringsArray, ...values: Content[]): Html {
  return { html: String.raw({ raw: literals }, ...values.map(toHtml)) };
}

/** Takes text as HTML: only for what this package has made itself. */
export function trusted(text: string): Html {
  return { html: text };
}

export const nothing: Html = { html: '' };

function toHtml(content: Content): string {
  if (typeof content === 'string') return escapeHtml(content);
  if (typeof content === 'number') return String(content);
  return isArray(content) ? content.map(toHtml).join('') : content.html;
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

// Array.isArray does not narrow a readonly array.
function isArray(content: Content): content is readonly Content[] {
  return Array.isArray(content);
}
