// Says how hard a new password is to guess, while it is typed. The service works it out, as it does when the form is sent; without
// this script, or without an answer, nothing is said.
"use strict";

for (const input of document.querySelectorAll("input[data-strength]")) {
  const form = input.form;
  const status = document.getElementById(`${input.id}-strength`);
  let timer, running;

  const say = (text, score) => {
    status.hidden = text === "";
    status.textContent = text;
    status.dataset.score = score;
  };
  const ask = async () => {
    running?.abort();
    if (input.value === "") {
      say("", "");
      return;
    }
    running = new AbortController();
    const name = form.querySelector("[name=username], [name=UserName]");
    const fields = new URLSearchParams({
      csrf: form.querySelector("[name=csrf]").value,
      password: input.value,
      username: name?.value ?? "",
    });
    try {
      const answer = await fetch(input.dataset.strength, { method: "POST", body: fields, signal: running.signal });
      if (answer.ok) {
        const { score, text } = await answer.json();
        say(text, score);
      }
    } catch {
      // Something else was typed meanwhile, or there is no connection.
    }
  };
  input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(ask, 400);
  });
}
