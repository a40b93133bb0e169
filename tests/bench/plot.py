"""A plot of lines with two logarithmic axes, as SVG. Needs no module but these of Python itself."""

import html
import math

WIDTH, HEIGHT = 760, 480
LEFT, RIGHT, TOP, BOTTOM = 84, 150, 48, 64
COLOURS = ["#1a5fb4", "#c64600", "#26a269", "#813d9c", "#a51d2d", "#63452c"]
STYLE = "font-family: sans-serif; font-size: 13px"


def decades(values):
    """The powers of ten around all values."""
    low, high = math.floor(math.log10(min(values))), math.ceil(math.log10(max(values)))
    return list(range(low, max(high, low + 1) + 1))


def power(exponent):
    return f"{10.0 ** exponent:,g}" if -3 <= exponent <= 4 else \
        f'10<tspan dy="-5" font-size="10">{str(exponent).replace("-", "−")}</tspan>'


class Axes:
    def __init__(self, points):
        self.xs = decades([x for x, _ in points])
        self.ys = decades([y for _, y in points])

    def x(self, value):
        part = (math.log10(value) - self.xs[0]) / (self.xs[-1] - self.xs[0])
        return LEFT + part * (WIDTH - LEFT - RIGHT)

    def y(self, value):
        part = (math.log10(value) - self.ys[0]) / (self.ys[-1] - self.ys[0])
        return HEIGHT - BOTTOM - part * (HEIGHT - TOP - BOTTOM)

    def grid(self, x_label, y_label):
        bottom, right = HEIGHT - BOTTOM, WIDTH - RIGHT
        for exponent in self.xs:
            x = self.x(10.0 ** exponent)
            yield f'<path d="M{x:.1f} {TOP}V{bottom}" stroke="#ddd"/>'
            yield (f'<text x="{x:.1f}" y="{bottom + 20}" text-anchor="middle">'
                   f'{power(exponent)}</text>')
        for exponent in self.ys:
            y = self.y(10.0 ** exponent)
            yield f'<path d="M{LEFT} {y:.1f}H{right}" stroke="#ddd"/>'
            yield f'<text x="{LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{power(exponent)}</text>'
        yield f'<path d="M{LEFT} {TOP}V{bottom}H{right}" fill="none" stroke="#333"/>'
        middle = (TOP + bottom) / 2
        yield (f'<text x="{(LEFT + right) / 2}" y="{HEIGHT - 18}" text-anchor="middle">'
               f'{html.escape(x_label)}</text>')
        yield (f'<text x="20" y="{middle}" text-anchor="middle" '
               f'transform="rotate(-90 20 {middle})">{html.escape(y_label)}</text>')


def spread(labels):
    """Moves the labels, (y, text, colour), down until none covers another."""
    last = -math.inf
    for y, text, colour in sorted(labels):
        last = max(y, last + 15)
        yield last, text, colour


def plot(title, x_label, y_label, lines):
    """@lines: {name: [(x, y)]}, all above 0. The text of the SVG."""
    axes = Axes([point for points in lines.values() for point in points])
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
             f'width="{WIDTH}" height="{HEIGHT}" role="img" style="{STYLE}">',
             f'<title>{html.escape(title)}</title>',
             f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>',
             f'<text x="{LEFT}" y="26" font-size="15" font-weight="bold">',
             f'{html.escape(title)}</text>',
             *axes.grid(x_label, y_label)]
    labels = []
    for (name, points), colour in zip(lines.items(), COLOURS):
        places = [(axes.x(x), axes.y(y)) for x, y in points]
        parts.append('<polyline points="{}" fill="none" stroke="{}" stroke-width="2"/>'.format(
            " ".join(f"{x:.1f},{y:.1f}" for x, y in places), colour))
        parts += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.5" fill="{colour}"/>'
                  for x, y in places]
        labels.append((places[-1][1], name, colour))
    parts += [f'<text x="{WIDTH - RIGHT + 10}" y="{y + 4:.1f}" fill="{colour}">'
              f'{html.escape(name)}</text>' for y, name, colour in spread(labels)]
    return "\n".join([*parts, "</svg>"]) + "\n"
