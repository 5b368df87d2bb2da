/** A page with its generated parts: each stands between marks of its name. */

export function withParts(page: string, parts: Readonly<Record<string, string>>): string {
  return Object.entries(parts).reduce((text, [name, part]) => {
    const marked = new RegExp(`(<!-- ${name}: npm run scale[^>]*-->\\n)[\\s\\S]*?(\\n<!-- /${name} -->)`);
    if (!marked.test(text)) throw new Error(`the page has no place for ${name}`);
    return text.replace(marked, (_, begin, end) => `${begin}\n${part}\n${end}`);
  }, page);
}
