/* Turning notifications on for this browser, at a click: its permission, and where its push service takes them. */

function main() {
  const form = document.getElementById("turn-on");
  const worker = navigator.serviceWorker;

  async function subscription(applicationServerKey) {
    await worker.register("/sw.js");
    const { pushManager } = await worker.ready;
    await (await pushManager.getSubscription())?.unsubscribe();
    return pushManager.subscribe({ userVisibleOnly: true, applicationServerKey });
  }

  if (worker && window.Notification) {
    form.hidden = false;
    form.nextElementSibling.hidden = true;
    form.onsubmit = async (event) => {
      event.preventDefault();
      const isGranted = (await Notification.requestPermission()) === "granted";
      form.querySelector("[role=alert]").hidden = isGranted;
      if (!isGranted) return;
      form.elements.subscription.value = JSON.stringify(await subscription(form.dataset.key).catch(() => null));
      form.submit();
    };
  }
}

main();
