"""What is measured of a page in a browser: contrast, names of controls, what lies beside the window."""

# The texts whose contrast to what is behind them is below 4.5 to 1 (WCAG 2.2, 1.4.3), with that contrast.
TOO_PALE = """
(() => {
  const channels = (colour) => colour.match(/[0-9.]+/g).map(Number);
  const light = (colour) => channels(colour).slice(0, 3)
    .map((part) => part / 255).map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4))
    .reduce((sum, part, at) => sum + part * [0.2126, 0.7152, 0.0722][at], 0);
  const behind = (node) => {
    for (let at = node; at; at = at.parentElement) {
      const colour = getComputedStyle(at).backgroundColor;
      if ((channels(colour)[3] ?? 1) > 0.99) return colour;
    }
    return "rgb(255, 255, 255)";
  };
  const contrast = (node) => {
    const [one, two] = [light(getComputedStyle(node).color), light(behind(node))].sort((a, b) => b - a);
    return (one + 0.05) / (two + 0.05);
  };
  return [...document.querySelectorAll("body *")]
    .filter((node) => node.checkVisibility())
    .filter((node) => [...node.childNodes].some((child) => child.nodeType === 3 && child.data.trim()))
    .filter((node) => contrast(node) < 4.5)
    .map((node) => `${contrast(node).toFixed(2)} ${node.outerHTML.slice(0, 120)}`);
})()
"""

# The controls that have no name, or that a keyboard reaches out of order.
UNNAMED = """
[...document.querySelectorAll("a, button, input, select, textarea, summary, [tabindex]")]
  .filter((one) => one.checkVisibility())
  .filter((one) => {
    const isField = ["INPUT", "SELECT", "TEXTAREA"].includes(one.tagName);
    const name = isField ? [...one.labels].map((label) => label.textContent).join("") : one.textContent;
    return one.tabIndex > 0 || !(one.getAttribute("aria-label") || name.trim());
  })
  .map((one) => one.outerHTML.slice(0, 120))
"""

# How far the page goes beyond the window, in pixels.
BESIDE = "document.documentElement.scrollWidth - document.documentElement.clientWidth"

# What a text of a client could have become, had it been taken for HTML; and whether a script of it ran.
INTRUDERS = """
[...document.querySelectorAll("img, svg, iframe, object, embed, style, b, script")]
  .filter((one) => !one.src?.startsWith(new URL("pages/", location.href).href)).map((one) => one.outerHTML)
  .concat(window.ran === undefined ? [] : ["a script ran"])
"""
