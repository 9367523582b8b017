from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("mensajeria", "0016_palabras_una_vez")]

    operations = [
        migrations.AddField(
            model_name="dispositivo",
            name="idioma",
            field=models.CharField(db_default="es", default="es", max_length=2),
        ),
    ]
