/** Some with letters beyond ASCII, apostrophes and hyphens, as in any real list. */
export const firstNames = words(`
  Aaliyah Aaron Abigail Ahmed Aisha Alejandro Amara Andre Angela Anthony Antônio Beatriz Benjamin Brianna Camila Carlos
  Charlotte Chen Chidi Claire Daniel Darnell Deborah Diego Dmitri Elena Elijah Emily Ethan Fatima François Gabriel Grace
  Hannah Hassan Imani Isabella Ivan Jada Jamal James Jasmine Jin José Joshua Kenji Kevin Kiara Latoya Laura Leila Linh
  Luis Malik Marcus María Mei Michael Minh Nadia Naomi Nguyễn Noah Olga Olivia Omar Patricia Pedro Priya Rachel Rafael
  Robert Rosa Samuel Sara Sean Sofía Tamika Terrence Thomas Tyrone Valentina Victor Wei William Yusuf Zoë
`);

export const lastNames = words(`
  Adams Ali Allen Álvarez Anderson Baker Barnes Bell Brooks Brown Campbell Carter Chen Clark Coleman Cruz Davis Díaz
  D'Angelo Edwards Evans Flores Foster García Gonzalez Gray Green Hall Hansen Harris Hernández Hill Howard Jackson
  Jenkins Johnson Jones Kelly Kim King Kowalski Lee Lewis Li Lopez Martin Martínez Miller Mitchell Moore Morales Müller
  Murphy Nelson Nguyen Novak Núñez O'Brien Okafor Ortiz Park Parker Patel Perez Peterson Phillips Powell Price Reed
  Reyes Rivera Roberts Robinson Ross Russell Sánchez Scott Silva Singh Smith-Jones Sullivan Taylor Thompson Torres Tran
  Turner Walker Ward Washington Watson White Williams Wilson Wood Wright Young Zhang
`);

function words(text: string): string[] {
  return text.trim().split(/\s+/);
}
