//! Pictures of characters that people can read and programs should not: turned, bent, touching each other, crossed by lines.
//!
//! Everything random comes from the seed, so a picture can be drawn again and need not be kept. Programs get better at reading
//! such pictures every year; they slow down simple ones and stop nobody for good.

use std::f32::consts::TAU;

use sha2::{Digest, Sha256};
use tiny_skia::{Color, FillRule, LineCap, Paint, Path, PathBuilder, Pixmap, Point, Stroke, Transform};
use ttf_parser::{Face, GlyphId, OutlineBuilder};

/// Width of a picture in pixels.
pub const WIDTH: u16 = 260;
/// Height of a picture in pixels.
pub const HEIGHT: u16 = 84;

/// The typefaces; `assets/fonts/LICENSE` says where they come from.
const TYPEFACES: [&[u8]; 2] = [
    include_bytes!("../../../assets/fonts/captcha-sans.ttf"),
    include_bytes!("../../../assets/fonts/captcha-serif.ttf"),
];

/// Draws pictures. Cheap to make; holds what is read once.
#[derive(Clone)]
pub struct Artist {
    typefaces: Vec<Face<'static>>,
}

impl std::fmt::Debug for Artist {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Artist(..)")
    }
}

impl Artist {
    /// An artist; none if the typefaces in the program cannot be read, which a test excludes.
    pub fn new() -> Option<Self> {
        let typefaces = TYPEFACES.iter().map(|bytes| Face::parse(bytes, 0).ok()).collect::<Option<_>>()?;
        Some(Self { typefaces })
    }

    /// Draws `text` (of characters that the typefaces have) as a PNG of 16 greys.
    pub fn draw(&self, text: &str, seed: [u8; 32]) -> Option<Vec<u8>> {
        let mut dice = Dice::new(seed);
        let mut canvas = Pixmap::new(WIDTH.into(), HEIGHT.into())?;
        canvas.fill(Color::WHITE);
        // Letters and lines have one colour, or a program could tell them apart by it.
        let ink = paint(dice.between(0.0, 0.25));
        for letter in self.letters(text, &mut dice)? {
            canvas.fill_path(&letter, &ink, FillRule::Winding, Transform::identity(), None);
        }
        for _ in 0..3 {
            cross_out(&mut canvas, &ink, &mut dice)?;
        }
        // A light line cuts the letters apart where a dark one joins them.
        cross_out(&mut canvas, &paint(1.0), &mut dice)?;
        for _ in 0..14 {
            let (x, y) = (dice.between(0.0, WIDTH.into()), dice.between(0.0, HEIGHT.into()));
            let dot = PathBuilder::from_circle(x, y, dice.between(0.9, 2.4))?;
            canvas.fill_path(&dot, &ink, FillRule::Winding, Transform::identity(), None);
        }
        png(&canvas)
    }

    /// The outlines of the letters, side by side over the whole width.
    fn letters(&self, text: &str, dice: &mut Dice) -> Option<Vec<Path>> {
        let wave = Wave::new(dice);
        let length = u16::try_from(text.chars().count()).ok().filter(|length| *length > 0)?;
        let margin = dice.between(8.0, 14.0);
        let room = (f32::from(WIDTH) - 2.0 * margin) / f32::from(length);
        let mut left = margin;
        let mut letters = Vec::with_capacity(length.into());
        for character in text.chars() {
            let face = self.typefaces.get(usize::from(dice.coin()))?;
            let glyph = face.glyph_index(character)?;
            let upright = posture(face, glyph, room, dice)?;
            let straight = outline(face, glyph, upright, None)?.bounds();
            let middle = f32::from(HEIGHT) / 2.0 + dice.between(-6.0, 6.0);
            let place = upright.post_translate(left - straight.left(), middle);
            letters.push(outline(face, glyph, place, Some(&wave))?);
            // The next one touches or overlaps a little.
            left += straight.width() - dice.between(0.5, 4.0);
        }
        // Wide letters may have used more than their room, narrow ones less.
        let used = left - margin;
        let fit = Transform::from_translate(-margin, 0.0)
            .post_scale((f32::from(WIDTH) - 2.0 * margin) / used.max(1.0), 1.0)
            .post_translate(margin, 0.0);
        letters.into_iter().map(|letter| letter.transform(fit)).collect()
    }
}

/// How one letter stands: its middle at the origin, in pixels, slanted and turned.
fn posture(face: &Face<'_>, glyph: GlyphId, room: f32, dice: &mut Dice) -> Option<Transform> {
    let bounds = face.glyph_bounding_box(glyph)?;
    let size = dice.between(44.0, 56.0) / f32::from(face.units_per_em());
    let width = f32::from(bounds.width()) * size;
    let stretch = ((room + dice.between(2.0, 6.0)) / width.max(1.0)).clamp(0.75, 1.2);
    let middle = |low: i16, high: i16| -(f32::from(low) + f32::from(high)) / 2.0;
    Some(
        Transform::from_translate(middle(bounds.x_min, bounds.x_max), middle(bounds.y_min, bounds.y_max))
            .post_scale(size * stretch, -size)
            .post_concat(Transform::from_skew(dice.between(-0.15, 0.15), 0.0))
            .post_concat(Transform::from_rotate(dice.between(-20.0, 20.0))),
    )
}

fn outline(face: &Face<'_>, glyph: GlyphId, place: Transform, wave: Option<&Wave>) -> Option<Path> {
    let mut pen = Pen { path: PathBuilder::new(), place, wave, last: (0.0, 0.0) };
    face.outline_glyph(glyph, &mut pen)?;
    pen.path.finish()
}

/// A line from the left to the right edge, through the letters.
fn cross_out(canvas: &mut Pixmap, paint: &Paint<'_>, dice: &mut Dice) -> Option<()> {
    let (width, height) = (f32::from(WIDTH), f32::from(HEIGHT));
    let mut inside = |margin: f32| dice.between(margin, height - margin);
    let ends = [inside(18.0), inside(18.0)];
    let bends = [inside(-12.0), inside(-12.0)];
    let mut line = PathBuilder::new();
    line.move_to(-4.0, ends[0]);
    line.cubic_to(width / 3.0, bends[0], width * 2.0 / 3.0, bends[1], width + 4.0, ends[1]);
    let stroke = Stroke { width: dice.between(1.6, 2.8), line_cap: LineCap::Round, ..Stroke::default() };
    canvas.stroke_path(&line.finish()?, paint, &stroke, Transform::identity(), None);
    Some(())
}

fn paint(grey: f32) -> Paint<'static> {
    let mut paint = Paint { anti_alias: true, ..Paint::default() };
    paint.set_color(Color::from_rgba(grey, grey, grey, 1.0).unwrap_or(Color::BLACK));
    paint
}

/// Two pixels in each byte: more greys make the file larger, and nothing easier to read.
fn png(canvas: &Pixmap) -> Option<Vec<u8>> {
    let (pairs, _) = canvas.pixels().as_chunks::<2>();
    let packed: Vec<u8> = pairs.iter().map(|[one, two]| one.red() & 0xf0 | two.red() >> 4).collect();
    let mut file = Vec::with_capacity(4096);
    let mut encoder = png::Encoder::new(&mut file, canvas.width(), canvas.height());
    encoder.set_color(png::ColorType::Grayscale);
    encoder.set_depth(png::BitDepth::Four);
    encoder.set_filter(png::Filter::NoFilter);
    let mut writer = encoder.write_header().ok()?;
    writer.write_image_data(&packed).ok()?;
    writer.finish().ok()?;
    Some(file)
}

/// Bends the whole line of letters.
struct Wave {
    /// How far, how often and from where: along, and up and down.
    along: [f32; 3],
    up: [f32; 3],
}

impl Wave {
    fn new(dice: &mut Dice) -> Self {
        let mut swing = |far: [f32; 2], often: [f32; 2]| {
            [dice.between(far[0], far[1]), dice.between(often[0], often[1]), dice.between(0.0, TAU)]
        };
        Self { along: swing([1.5, 4.0], [0.05, 0.11]), up: swing([3.0, 6.0], [0.03, 0.06]) }
    }

    fn bend(&self, point: Point) -> Point {
        let sway = |[far, often, from]: [f32; 3], at: f32| far * (at * often + from).sin();
        Point::from_xy(point.x + sway(self.along, point.y), point.y + sway(self.up, point.x))
    }
}

/// Follows the outline of a glyph.
struct Pen<'w> {
    path: PathBuilder,
    place: Transform,
    wave: Option<&'w Wave>,
    /// Where it is, in the glyph's own units.
    last: (f32, f32),
}

impl Pen<'_> {
    fn at(&self, x: f32, y: f32) -> Point {
        let mut point = Point::from_xy(x, y);
        self.place.map_point(&mut point);
        self.wave.map_or(point, |wave| wave.bend(point))
    }
}

impl OutlineBuilder for Pen<'_> {
    fn move_to(&mut self, x: f32, y: f32) {
        let to = self.at(x, y);
        self.path.move_to(to.x, to.y);
        self.last = (x, y);
    }

    /// In pieces, so that a straight line bends, too.
    fn line_to(&mut self, x: f32, y: f32) {
        let (from_x, from_y) = self.last;
        for part in [0.25, 0.5, 0.75, 1.0] {
            let to = self.at(from_x + (x - from_x) * part, from_y + (y - from_y) * part);
            self.path.line_to(to.x, to.y);
        }
        self.last = (x, y);
    }

    fn quad_to(&mut self, x1: f32, y1: f32, x: f32, y: f32) {
        let (bend, to) = (self.at(x1, y1), self.at(x, y));
        self.path.quad_to(bend.x, bend.y, to.x, to.y);
        self.last = (x, y);
    }

    fn curve_to(&mut self, x1: f32, y1: f32, x2: f32, y2: f32, x: f32, y: f32) {
        let (one, two, to) = (self.at(x1, y1), self.at(x2, y2), self.at(x, y));
        self.path.cubic_to(one.x, one.y, two.x, two.y, to.x, to.y);
        self.last = (x, y);
    }

    fn close(&mut self) {
        self.path.close();
    }
}

/// Numbers that follow from a seed (SHA-256 in counter mode).
struct Dice {
    seed: [u8; 32],
    counter: u32,
    block: Vec<u8>,
}

impl Dice {
    fn new(seed: [u8; 32]) -> Self {
        Self { seed, counter: 0, block: Vec::new() }
    }

    fn roll(&mut self) -> u16 {
        let mut byte = || {
            if self.block.is_empty() {
                let hash = Sha256::new().chain_update(self.seed).chain_update(self.counter.to_be_bytes());
                self.block = hash.finalize().to_vec();
                self.counter = self.counter.wrapping_add(1);
            }
            self.block.pop().unwrap_or(0)
        };
        u16::from_be_bytes([byte(), byte()])
    }

    fn coin(&mut self) -> bool {
        self.roll() & 1 == 1
    }

    fn between(&mut self, low: f32, high: f32) -> f32 {
        low + (high - low) * f32::from(self.roll()) / f32::from(u16::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::accounts::challenge::{PICTURE_ALPHABET, PICTURE_LENGTH};

    fn text(dice: &mut Dice) -> String {
        let mut pick = || char::from(PICTURE_ALPHABET[usize::from(dice.roll()) % PICTURE_ALPHABET.len()]);
        (0..PICTURE_LENGTH).map(|_| pick()).collect()
    }

    fn seed(number: u32) -> [u8; 32] {
        Sha256::digest(number.to_be_bytes()).into()
    }

    /// The grey of every pixel, 0 to 15.
    fn pixels(file: &[u8]) -> Vec<u8> {
        let mut reader = png::Decoder::new(std::io::Cursor::new(file)).read_info().unwrap();
        assert_eq!((reader.info().width, reader.info().height), (WIDTH.into(), HEIGHT.into()));
        let mut bytes = vec![0; reader.output_buffer_size().unwrap()];
        reader.next_frame(&mut bytes).unwrap();
        bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]).collect()
    }

    /// XEP-0231 §3: at most 8 kB.
    #[test]
    fn a_thousand_pictures_are_each_a_png_of_less_than_8000_bytes() {
        let artist = Artist::new().unwrap();
        let mut dice = Dice::new([1; 32]);
        for number in 0..1000 {
            let file = artist.draw(&text(&mut dice), seed(number)).unwrap();
            assert!(file.starts_with(b"\x89PNG\r\n\x1a\n"));
            assert!(file.len() < 8000, "{}", file.len());
            let dark = pixels(&file).into_iter().filter(|grey| *grey < 8).count();
            assert!((1500..9000).contains(&dark), "picture {number} has {dark} dark pixels");
        }
    }

    #[test]
    fn every_character_can_be_drawn_and_a_stranger_cannot() {
        let artist = Artist::new().unwrap();
        for character in PICTURE_ALPHABET {
            assert!(artist.draw(&char::from(*character).to_string(), [0; 32]).is_some(), "{character}");
        }
        for text in ["", "é", "0"] {
            assert!(artist.draw(text, [0; 32]).is_none(), "{text:?}");
        }
    }

    #[test]
    fn the_seed_makes_the_picture() {
        let artist = Artist::new().unwrap();
        let draw = |number| artist.draw("ACDEFH", seed(number)).unwrap();
        assert_eq!(draw(1), draw(1));
        let (one, other) = (pixels(&draw(1)), pixels(&draw(2)));
        let different = one.iter().zip(&other).filter(|(one, other)| one != other).count();
        assert!(different > 3000, "the same text in another seed differs in {different} pixels");
    }

    #[test]
    fn the_letters_stay_on_the_picture() {
        let artist = Artist::new().unwrap();
        let mut dice = Dice::new([2; 32]);
        for number in 0..500 {
            let text = text(&mut dice);
            let letters = artist.letters(&text, &mut Dice::new(seed(number))).unwrap();
            for letter in &letters {
                let bounds = letter.bounds();
                let inside = bounds.left() > -2.0
                    && bounds.right() < f32::from(WIDTH) + 2.0
                    && bounds.top() > -2.0
                    && bounds.bottom() < f32::from(HEIGHT) + 2.0;
                assert!(inside, "{text} in {number}: {bounds:?}");
            }
        }
    }
}
