// A place that is typed and a district that is chosen answer the same question: the later one counts.

const { place, district, lat, lon } = document.getElementById("ask").elements;

district.addEventListener("change", () => {
  if (district.value) place.value = lat.value = lon.value = "";
});
place.addEventListener("input", () => {
  if (place.value) district.value = "";
});
