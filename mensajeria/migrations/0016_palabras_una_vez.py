"""Una palabra de una persona, una vez: dos cambios de nombre a la vez podían apuntarla dos."""

from django.db import migrations, models
from django.db.models import Count, Min


def quitar_las_repetidas(apps, schema_editor):
    palabra = apps.get_model('mensajeria', 'PalabraDeUsuario')
    de_cada = palabra.objects.values('usuario_id', 'palabra').annotate(
        cuantas=Count('pk'), primera=Min('pk')
    )
    for fila in list(de_cada.filter(cuantas__gt=1)):
        iguales = palabra.objects.filter(usuario=fila['usuario_id'], palabra=fila['palabra'])
        iguales.exclude(pk=fila['primera']).delete()


class Migration(migrations.Migration):

    dependencies = [
        ('mensajeria', '0015_avisos'),
    ]

    operations = [
        migrations.RunPython(quitar_las_repetidas, migrations.RunPython.noop),
        migrations.AddConstraint(
            model_name='palabradeusuario',
            constraint=models.UniqueConstraint(fields=('usuario', 'palabra'), name='uq_pal_usuario'),
        ),
    ]
