// Numbers, sizes and times as people read them. Used by all other parts of the dashboard.
const grouped = new Intl.NumberFormat("en-US", { maximumFractionDigits: 0 });

export const whole = (value) => grouped.format(Math.round(value));

// 0.42, 4.2, 42, 4,200, 42.0k, 4.20M: a rate, or whatever is short of room.
export function short(value) {
  if (!Number.isFinite(value)) return "–";
  const size = Math.abs(value);
  if (size >= 1e9) return (value / 1e9).toFixed(2) + "G";
  if (size >= 1e6) return (value / 1e6).toFixed(2) + "M";
  if (size >= 1e4) return (value / 1e3).toFixed(1) + "k";
  if (size >= 100 || Number.isInteger(value)) return whole(value);
  return value.toFixed(size >= 10 ? 1 : 2);
}

export function percent(share) {
  if (!Number.isFinite(share)) return "–";
  const value = share * 100;
  return (value >= 99.95 || value === 0 ? value.toFixed(0) : value.toFixed(value < 0.1 ? 2 : 1)) + " %";
}

// [number, unit]
export function bytes(value) {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    ++unit;
  }
  return [unit === 0 ? whole(value) : value.toFixed(value < 10 ? 2 : value < 100 ? 1 : 0), units[unit]];
}

export function micros(value) {
  if (!Number.isFinite(value)) return ["–", ""];
  if (value < 1000) return [Number.isInteger(value) || value >= 10 ? whole(value) : value.toFixed(1), "µs"];
  if (value < 1e6) return [(value / 1e3).toFixed(value < 1e5 ? 1 : 0), "ms"];
  return [(value / 1e6).toFixed(2), "s"];
}

export const joined = ([number, unit]) => (unit ? `${number} ${unit}` : number);

export function duration(seconds) {
  const days = Math.floor(seconds / 86400), hours = Math.floor(seconds / 3600) % 24, minutes = Math.floor(seconds / 60) % 60;
  if (days > 0) return `${days} d ${hours} h`;
  if (hours > 0) return `${hours} h ${minutes} min`;
  return minutes > 0 ? `${minutes} min ${seconds % 60} s` : `${seconds} s`;
}

export const clock = (seconds) => new Date(seconds * 1000).toLocaleTimeString([], { hour12: false });
