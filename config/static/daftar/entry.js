// The entry form: rows that come and go, suggestions from the directory, sums while one writes.
// What counts is the server's answer to Check; every sum here is shown, none is sent.
"use strict";

(() => {
  const form = document.getElementById("entry");
  if (!form) return;

  // --- Exact decimals: integers of 10^-12, half away from zero, as the law rounds ---------------
  const ONE = 10n ** 12n;
  const CENT = 10n ** 10n;

  function decimal(text) {
    const found = /^(-?)(\d+)(?:\.(\d{1,12}))?$/.exec((text || "").trim());
    if (!found) return null;
    const value = BigInt(found[2]) * ONE + BigInt((found[3] || "").padEnd(12, "0"));
    return found[1] ? -value : value;
  }

  function divided(value, by) {
    const negative = value < 0n !== by < 0n;
    const [top, bottom] = [value < 0n ? -value : value, by < 0n ? -by : by];
    const rounded = (top * 2n + bottom) / (bottom * 2n);
    return negative ? -rounded : rounded;
  }

  const cents = (value) => divided(value, CENT) * CENT;
  // Twice the scale, so that nothing is rounded before the law rounds it.
  const centsOf = (product, by) => divided(product, by * CENT) * CENT;

  function shown(value) {
    const whole = cents(value) / CENT;
    const digits = (whole < 0n ? -whole : whole).toString().padStart(3, "0");
    const grouped = digits.slice(0, -2).replace(/\B(?=(\d{3})+$)/g, ",");
    return `${whole < 0n ? "-" : ""}${grouped}.${digits.slice(-2)}`;
  }

  // --- Sums ----------------------------------------------------------------------------------
  const field = (row, leaf) => {
    const box = row.querySelector(`:scope > .daftar-boxes > [data-leaf="${leaf}"]`)
      || row.querySelector(`:scope > details > .daftar-boxes > [data-leaf="${leaf}"]`);
    const input = box && box.querySelector("input, select, textarea");
    return input ? input.value : "";
  };

  const rowsOf = (scope, name) => {
    const group = [...scope.querySelectorAll("[data-group]")].find((one) => one.dataset.group === name);
    return group ? [...group.querySelectorAll(":scope > [data-rows] > [data-row]")] : [];
  };

  function adjustment(row) {
    const amount = decimal(field(row, "amount"));
    if (amount !== null) return cents(amount);
    const [percent, base] = [decimal(field(row, "percent")), decimal(field(row, "base"))];
    return percent === null || base === null ? 0n : centsOf(percent * base, 100n * ONE);
  }

  const added = (rows) => rows.reduce((sum, row) => sum + adjustment(row), 0n);

  function lineNet(row) {
    const [quantity, price] = [decimal(field(row, "quantity")), decimal(field(row, "unit_price"))];
    if (quantity === null || price === null) return null;
    const net = price - (decimal(field(row, "price_discount")) || 0n);
    const per = decimal(field(row, "base_quantity")) || ONE;
    const path = `line_items[${row.dataset.row}]`;
    return centsOf(quantity * net, per) - cents(decimal(field(row, "discount")) || 0n)
      - added(rowsOf(row, `${path}.allowances`)) + added(rowsOf(row, `${path}.charges`));
  }

  function sum() {
    const taxable = new Map();
    const put = (row, amount) => {
      const key = `${field(row, "tax_category")} ${decimal(field(row, "tax_rate")) || 0n}`;
      const before = taxable.get(key) || [0n, decimal(field(row, "tax_rate")) || 0n];
      taxable.set(key, [before[0] + amount, before[1]]);
    };
    const lines = rowsOf(form, "line_items");
    for (const row of lines) {
      const net = lineNet(row);
      const output = row.querySelector("[data-line-total]");
      output.textContent = net === null ? "" : shown(net);
      if (net !== null) put(row, net);
    }
    for (const row of rowsOf(form, "allowances")) put(row, -adjustment(row));
    for (const row of rowsOf(form, "charges")) put(row, adjustment(row));
    const whole = form.elements["total_discount"];
    if (lines.length && whole) put(lines[0], -cents(decimal(whole.value) || 0n));
    let [net, tax] = [0n, 0n];
    for (const [amount, rate] of taxable.values()) {
      net += amount;
      tax += centsOf(amount * rate, 100n * ONE);
    }
    show({ net, tax, total: net + tax });
  }

  function show(sums) {
    for (const [name, value] of Object.entries(sums)) {
      form.querySelector(`[data-sum="${name}"]`).textContent = shown(value);
    }
    const limit = decimal(form.dataset.limit);
    document.getElementById("entry-over").hidden = limit === null || sums.total <= limit;
  }

  // --- Rows ------------------------------------------------------------------------------------
  function add(group) {
    const rows = group.querySelector(":scope > [data-rows]");
    const used = [...rows.children].map((row) => Number(row.dataset.row) + 1);
    const index = String(Math.max(0, ...used));
    const holder = document.createElement("div");
    // A name inside a row inside a row carries both marks; only the group's own is filled in.
    holder.innerHTML = group.querySelector(":scope > template").innerHTML
      .replaceAll(group.dataset.mark, index);
    const row = holder.firstElementChild;
    rows.append(row);
    row.querySelector("input, select, textarea")?.focus();
    sum();
  }

  form.addEventListener("click", (event) => {
    const button = event.target.closest("[data-add], [data-remove]");
    if (!button) return;
    if (button.matches("[data-add]")) return add(button.closest("[data-group]"));
    const group = button.closest("[data-group]");
    button.closest("[data-row]").remove();
    group.querySelector(":scope > [data-add]").focus();
    sum();
  });

  // --- Suggestions -----------------------------------------------------------------------------
  let offers = null;
  let asked = 0;

  const close = () => {
    if (!offers) return;
    offers.input.setAttribute("aria-expanded", "false");
    offers.list.remove();
    offers = null;
  };

  function source(input) {
    if (input.name === "buyer_name") return [form.dataset.buyers, ""];
    const found = /^(line_items\[\d+\]\.)name$/.exec(input.name);
    return found ? [form.dataset.products, found[1]] : null;
  }

  async function offer(input) {
    const [url, prefix] = source(input);
    const turn = ++asked;
    const answer = await fetch(`${url}?q=${encodeURIComponent(input.value)}`);
    if (!answer.ok || turn !== asked || document.activeElement !== input) return;
    const { rows } = await answer.json();
    close();
    if (rows.length) open(input, rows, prefix);
  }

  function open(input, rows, prefix) {
    const list = document.createElement("ul");
    list.className = "daftar-offers";
    list.id = "daftar-offers";
    list.setAttribute("role", "listbox");
    rows.forEach((row, index) => {
      const item = document.createElement("li");
      item.id = `daftar-offer-${index}`;
      item.setAttribute("role", "option");
      item.textContent = row.text;
      const hint = document.createElement("small");
      hint.textContent = row.hint;
      item.append(hint);
      item.addEventListener("mousedown", (event) => { event.preventDefault(); take(index); });
      list.append(item);
    });
    input.setAttribute("role", "combobox");
    input.setAttribute("aria-expanded", "true");
    input.setAttribute("aria-controls", list.id);
    input.parentElement.append(list);
    offers = { input, rows, prefix, list, at: -1 };
  }

  function move(step) {
    const items = [...offers.list.children];
    offers.at = (offers.at + step + items.length) % items.length;
    items.forEach((item, index) => item.setAttribute("aria-selected", String(index === offers.at)));
    items[offers.at].scrollIntoView({ block: "nearest" });
    offers.input.setAttribute("aria-activedescendant", items[offers.at].id);
  }

  function take(index) {
    const { rows, prefix, input } = offers;
    for (const [leaf, value] of Object.entries(rows[index].fill)) {
      const target = form.elements[prefix + leaf];
      if (target) target.value = value;
    }
    close();
    asked += 1;
    if (prefix) form.elements[`${prefix}quantity`].select(); else input.focus();
    sum();
  }

  let pause = 0;
  form.addEventListener("input", (event) => {
    sum();
    if (!source(event.target)) return;
    clearTimeout(pause);
    pause = setTimeout(() => offer(event.target), 150);
  });
  form.addEventListener("focusout", close);
  form.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown" && !offers && source(event.target)) {
      event.preventDefault();
      offer(event.target);
      return;
    }
    if (offers && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
      event.preventDefault();
      move(event.key === "ArrowDown" ? 1 : -1);
    } else if (offers && event.key === "Escape") {
      close();
    } else if (event.key === "Enter" && event.target.matches("input")) {
      // Enter never sends a form that issues documents.
      event.preventDefault();
      if (offers && offers.at >= 0) take(offers.at);
    }
  });

  // --- What belongs to a kind of document ---------------------------------------------------------
  function fit() {
    const kind = form.elements["invoice_type"].value;
    form.querySelector('[data-section="note"]').hidden = !["381", "383"].includes(kind);
    sum();
  }
  form.elements["invoice_type"].addEventListener("change", fit);
  form.addEventListener("change", sum);
  fit();
  form.querySelector('[aria-invalid="true"]')?.focus();
})();
