// select2 hides the select that a label belongs to, and leaves its own control without a name.
"use strict";

(() => {
  function name() {
    for (const select of document.querySelectorAll("select.select2-hidden-accessible")) {
      const label = select.labels[0]?.textContent.replace("*", "").trim();
      const control = select.nextElementSibling;
      if (!label || !control) continue;
      for (const part of control.querySelectorAll("[role=combobox], [role=textbox], input")) {
        part.setAttribute("aria-label", label);
      }
    }
  }

  // After select2, which jQuery begins a moment after the document is ready or a row has been added.
  window.addEventListener("load", () => setTimeout(name));
  document.addEventListener("formset:added", () => setTimeout(name));
})();
