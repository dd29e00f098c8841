import sanitizeHtml from "sanitize-html";

const texts = "p br hr div span h1 h2 h3 h4 h5 h6 blockquote pre code";
const marks = "b strong i em u s del ins small sub sup mark abbr";
const lists = "ul ol li dl dt dd table caption thead tbody tfoot tr th td";
const media = "a img figure figcaption";

const options: sanitizeHtml.IOptions = {
  allowedTags: [texts, marks, lists, media].flatMap((names) => names.split(" ")),
  allowedAttributes: {
    a: ["href", "title", "rel"],
    img: ["src", "alt", "title", "width", "height"],
    th: ["colspan", "rowspan"],
    td: ["colspan", "rowspan"],
  },
  allowedSchemes: ["http", "https", "mailto", "tel"],
  allowedSchemesByTag: { img: ["http", "https"] },
  allowProtocolRelative: false,
  disallowedTagsMode: "discard",
  // Without these, the code or the fallback inside a removed element would stay behind as visible text.
  nonTextTags: [
    "script",
    "style",
    "noscript",
    "iframe",
    "object",
    "embed",
    "template",
    "svg",
    "math",
    "title",
    "textarea",
    "option",
    "xmp",
  ],
  nestingLimit: 30,
  transformTags: { a: sanitizeHtml.simpleTransform("a", { rel: "nofollow noopener" }) },
  exclusiveFilter: (frame) => frame.tag === "img" && !frame.attribs["src"],
};

/**
 * Makes a merchant's HTML safe to show: keeps text formatting, links, pictures and tables; removes scripts, styles, embedded
 * documents (all with their content), event handlers, inline styles and every URL that is not http, https, mailto or tel.
 */
export function sanitiseHtml(html: string): string {
  if (!/[<>&]/.test(html)) return html;
  return sanitizeHtml(html, options);
}
