// Does the work of a form (XEP-0158, SHA-256) while the person fills it in, so that nothing need be read or typed. Without this
// script, or where it fails, the picture and the question stay.
"use strict";

for (const field of document.querySelectorAll("input[data-work]")) {
  const form = field.form;
  const tasks = [...form.querySelectorAll("[data-task]")];
  const status = form.querySelector("[data-work-status]");
  let waiting = false;

  const show = (tasksAreShown) => {
    for (const task of tasks) {
      task.hidden = tasksAreShown === false;
      for (const input of task.querySelectorAll("input")) {
        input.disabled = tasksAreShown === false;
      }
    }
  };
  const say = (text) => {
    status.hidden = text === "";
    status.textContent = text;
  };
  const fail = () => {
    worker.terminate();
    form.removeEventListener("submit", hold);
    show(true);
    say("");
  };
  const hold = (event) => {
    event.preventDefault();
    waiting = true;
    say(status.dataset.workStatus);
  };

  const worker = new Worker(field.dataset.worker);
  worker.onmessage = (event) => {
    worker.terminate();
    field.value = event.data;
    form.removeEventListener("submit", hold);
    if (waiting) {
      form.requestSubmit();
    }
  };
  worker.onerror = fail;
  show(false);
  form.addEventListener("submit", hold);
  worker.postMessage({ address: field.dataset.address, label: field.dataset.work });
}
