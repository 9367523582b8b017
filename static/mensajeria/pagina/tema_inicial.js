// Guion clásico, no módulo: corre antes de pintar, para que el tema elegido no parpadee, y para que la
// entrada o la lista se vean mientras llega lo demás.
(() => {
  const raiz = document.documentElement;
  raiz.dataset.arranque = "fuera";
  try {
    if (localStorage.getItem("servitech.sesion")) raiz.dataset.arranque = "dentro";
    const tema = localStorage.getItem("servitech.tema");
    if (tema === "claro" || tema === "oscuro") raiz.dataset.tema = tema;
  } catch {}
})();
